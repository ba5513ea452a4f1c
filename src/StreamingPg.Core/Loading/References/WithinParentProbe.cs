using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>Finds out which values existing parents have already, where values are unique within their parent.</summary>
internal static class WithinParentProbe
{
    /// <summary>True when rows of the batch go to parents that were there before.</summary>
    public static bool IsNeeded(BatchPlan plan, TableGenerator table) =>
        table.KeyWithinParent is not null
        && KeyWithinParent.Of(table.Table) is { } within
        && plan.RowsOf(within.Key.ParentTable) == 0
        && plan.Existing.GetValueOrDefault(within.Key.ParentTable) is { Count: > 0 };

    /// <summary>The taken values: place of the parent times the number of values, plus number of the value, ascending.</summary>
    public static async Task<IReadOnlyList<long>> TakenAsync(
        NpgsqlConnection open, string schema, BatchPlan plan, TableGenerator table, KeyWithinParent within, CancellationToken cancellationToken)
    {
        var parents = plan.Existing[within.Key.ParentTable];
        var values = table.KeyWithinParent!;
        List<NpgsqlParameter> parameters = [Parameter.Of(within.Most)];
        var parentArrays = Arrays(within.Key.ParentColumns.Select(name => (parents.Table.Column(name).Type, parents.Values(name))));
        var valueArrays = Arrays(values.Columns.Select((column, index) => (column.Type, Array(values, index, within.Most))));
        var same = Same("p", within.Key.Columns).Concat(Same("v", [.. values.Columns.Select(column => column.Name)]));
        var taken = new List<long>();
        var commands = new CommandBatch(open);
        commands.Query(
            $"""
            SELECT (p.place - 1) * $1 + v.place - 1 FROM {Identifier.Quote(schema, table.Table.Name)} AS t
            JOIN unnest({parentArrays}) WITH ORDINALITY AS p ({Names(within.Key.Columns.Count)}, place) ON true
            JOIN unnest({valueArrays}) WITH ORDINALITY AS v ({Names(values.Columns.Count)}, place) ON true
            WHERE {string.Join(" AND ", same)} ORDER BY 1
            """,
            row => taken.Add(row.GetInt64(0)),
            [.. parameters]);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return taken;

        string Arrays(IEnumerable<(ColumnType Type, NpgsqlParameter Array)> arrays) => string.Join(", ", arrays.Select(array =>
        {
            parameters.Add(array.Array);
            return ColumnSql.ArrayParameter(schema, array.Type, parameters.Count);
        }));
    }

    private static NpgsqlParameter Array(NumberedKey values, int column, long count) => ServerValue.Array(
        values.Columns[column].Type, [.. Enumerable.Range(0, (int)count).Select(number => values.Value(column, number))]);

    private static string Names(int count) => string.Join(", ", Enumerable.Range(0, count).Select(index => $"c{index}"));

    private static IEnumerable<string> Same(string alias, IReadOnlyList<string> columns) =>
        columns.Select((column, index) => $"t.{Identifier.Quote(column)} = {alias}.c{index}");
}
