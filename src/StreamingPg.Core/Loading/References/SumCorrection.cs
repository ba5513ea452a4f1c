using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Sets the sums of rows that were there before, such as the amount of a transaction, to what all their children add up to now, when a
/// batch generates children for them and no such rows of its own.
/// </summary>
internal static class SumCorrection
{
    public static void Ask(CommandBatch commands, string schema, BatchPlan plan)
    {
        foreach (var rule in SumRule.Of(plan.Model))
        {
            if (plan.RowsOf(rule.Parts.Name) > 0 && plan.RowsOf(rule.Whole.Name) == 0 && plan.Existing.TryGetValue(rule.Whole.Name, out var existing))
            {
                Ask(commands, schema, rule, StoredKeys.Join(plan.Model, rule.Parts, rule.Key), existing);
            }
        }
    }

    private static void Ask(CommandBatch commands, string schema, SumRule rule, ForeignKeyModel key, ExistingRows existing)
    {
        var table = Identifier.Quote(schema, rule.Whole.Name);
        var (parents, children) = (key.ParentColumns, key.Columns);
        var keys = string.Join(", ", parents.Select((column, index) => ColumnSql.ArrayParameter(schema, rule.Whole.Column(column).Type, index + 1)));

        // Locked first, in one order, and summed up by a statement of its own: it then sees the children of every batch that held
        // the same rows before.
        if (rule.Whole.Layout.Distribution is not null)
        {
            AdvisoryLock.Take(commands, AdvisoryLock.Sums, table); // Citus locks no rows of several shards
        }
        else
        {
            commands.Query(
                $"""
                SELECT count(*) FROM
                    (SELECT FROM {table} AS parent WHERE {IsAmong("parent", parents)} ORDER BY {Columns("parent", parents)} FOR NO KEY UPDATE) AS locked
                """,
                _ => { },
                Keys());
        }

        commands.AddWithOtherPath(
            $"""
            UPDATE {table} AS parent
            SET {Identifier.Quote(rule.Column.Name)} = part.total
            FROM (SELECT {Columns("child", children)}, {rule.TotalSql(schema, "child")} AS total
                  FROM {Identifier.Quote(schema, rule.Parts.Name)} AS child WHERE {IsAmong("child", children)}
                  GROUP BY {Columns("child", children)}) AS part
            WHERE ({Columns("parent", parents)}) = ({Columns("part", children)}) AND {SessionSettings.RolePathHolds}
            """,
            Keys());

        string IsAmong(string alias, IReadOnlyList<string> columns) => columns.Count == 1
            ? $"{Columns(alias, columns)} = ANY ({keys})"
            : $"({Columns(alias, columns)}) IN (SELECT * FROM unnest({keys}))";

        NpgsqlParameter[] Keys() => [.. parents.Select(column => existing.Values(column))];
    }

    private static string Columns(string alias, IReadOnlyList<string> columns) =>
        string.Join(", ", columns.Select(column => $"{alias}.{Identifier.Quote(column)}"));
}
