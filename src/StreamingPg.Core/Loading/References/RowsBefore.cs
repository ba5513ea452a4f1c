using System.Text.RegularExpressions;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Counts the rows that earlier batches made, where rules number the rows of a table. The ledger knows: the rows that were removed since
/// keep their numbers, and a batch of which chunks are missing keeps the numbers of all its rows.
/// </summary>
internal static partial class RowsBefore
{
    private static readonly OncePerTable<bool> Numbered = new(table => table.Columns.Any(IsNumbered));

    /// <summary>The plan, with the rows before it. Writers of the same table wait for each other until they commit.</summary>
    public static async Task<BatchPlan> CountAsync(Session session, BatchPlan plan, CancellationToken cancellationToken)
    {
        var tables = plan.Model.Tables.Where(table => plan.RowsOf(table.Name) > 0 && Numbered.Of(table)).ToList();
        if (tables.Count == 0)
        {
            return plan;
        }

        var before = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            var locks = session.NewCommands();
            AdvisoryLock.Take(locks, AdvisoryLock.UniqueValues, session.Quote(table.Name));
            await locks.ExecuteAsync(cancellationToken).ConfigureAwait(false);

            // Only now: what another writer committed while this one waited counts too.
            await session.QueryAsync(
                $"""
                SELECT COALESCE(sum(CASE WHEN kind = '{LedgerKind.Batch}' AND plan -> 'rows' IS NOT NULL THEN (plan -> 'rows' ->> $1)::bigint
                                         WHEN kind = '{LedgerKind.Batch}' AND part > 0 THEN 0
                                         ELSE (rows ->> $1)::bigint END), 0)::bigint
                FROM {session.Quote(LedgerTable.Name)} WHERE kind IN {LedgerKind.AddedSql}
                """,
                row => before[table.Name] = row.GetInt64(0),
                cancellationToken,
                Parameter.Of(table.Name)).ConfigureAwait(false);
        }

        return plan with { RowsBefore = before };
    }

    private static bool IsNumbered(ColumnModel column) => IsNumbered(column.Rule switch
        {
            ExpressionRule rule => rule.Text,
            TemplateRule rule => rule.Text,
            _ => null,
        })
        || column.When.Any(entry => IsNumbered(entry.Condition) || (entry.Source is { } source && IsNumbered(source)))
        || (column.Rule is ObjectRule json && json.Properties.Any(IsNumbered));

    private static bool IsNumbered(string? text) => text is not null && Name().IsMatch(text);

    [GeneratedRegex($@"\b{RuleScope.Sequence}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
