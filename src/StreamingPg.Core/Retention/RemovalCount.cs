using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>Counts the rows that would be removed: old ones, when all that refers to them would be removed before.</summary>
internal sealed class RemovalCount(string schema, RowAge age, RemovalCondition condition)
{
    /// <summary>Counts the rows of a table.</summary>
    public async Task<RemovalResult> OfAsync(NpgsqlConnection open, TableModel table, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var (examined, removed) = (0L, 0L);
        if (age.Before(table) is not null)
        {
            var parameters = new List<NpgsqlParameter>();
            var goes = condition.NobodyStaysSql(table, "t", parameters)
                + (condition.WholeOf(table) is { } whole ? $" AND {WholeGoesSql(whole, parameters)}" : "");
            var commands = new CommandBatch(open);
            commands.Query(
                $"SELECT count(*), count(*) FILTER (WHERE {goes}) FROM {Identifier.Quote(schema, table.Name)} AS t "
                + $"WHERE {condition.IsOldSql(table, "t", parameters)}",
                row => (examined, removed) = (row.GetInt64(0), row.GetInt64(1)),
                [.. parameters]);
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return new RemovalResult
        {
            Table = table.Name,
            Before = age.Before(table),
            Examined = examined,
            Removed = removed,
            CountedOnly = true,
            Duration = Stopwatch.GetElapsedTime(begin),
        };
    }

    private string WholeGoesSql(PartOfWhole whole, List<NpgsqlParameter> parameters) =>
        $"({whole.HasNoWholeSql("t")} OR EXISTS (SELECT FROM {Identifier.Quote(schema, whole.Whole.Name)} AS w WHERE {whole.JoinSql("w", "t")} "
        + $"AND {condition.IsOldSql(whole.Whole, "w", parameters)} AND {condition.NobodyStaysSql(whole.Whole, "w", parameters)}))";
}
