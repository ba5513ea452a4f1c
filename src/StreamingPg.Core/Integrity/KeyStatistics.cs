using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Integrity;

/// <summary>
/// Ranges of the values of key columns, from the server's own statistics. A join of two large tables that goes range by range never
/// spills to disk, and its ranges are read in parallel; both tables must have an index on the column and lie in about its order, or each
/// range would be read from everywhere.
/// </summary>
internal sealed class KeyStatistics
{
    /// <summary>Rows of a range: their parents fit into the processor's cache.</summary>
    public const double UsualRows = 250_000;

    private const double OrderedFrom = 0.9;

    private readonly Dictionary<(string Table, string Column), Statistics> _columns = [];
    private readonly double _rowsPerRange;

    private KeyStatistics(double rowsPerRange) => _rowsPerRange = rowsPerRange;

    /// <summary>Reads what the server knows of the columns that have an index.</summary>
    public static async Task<KeyStatistics> ReadAsync(
        NpgsqlConnection open, string schema, StreamModel model, double rowsPerRange, CancellationToken cancellationToken)
    {
        var known = new KeyStatistics(rowsPerRange);
        var commands = new CommandBatch(open);
        commands.Query(
            """
            SELECT c.relname::text, a.attname::text, c.reltuples::float8, s.correlation::float8, s.histogram_bounds::text
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
            WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r' AND s.histogram_bounds IS NOT NULL
              AND a.atttypid IN ('uuid'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
              AND EXISTS (
                  SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_am m ON m.oid = i.relam
                  WHERE x.indrelid = c.oid AND x.indisvalid AND x.indpred IS NULL AND x.indkey[0] = a.attnum AND m.amname = 'btree')
            """,
            row => known._columns.Add(
                (row.GetString(0), row.GetString(1)),
                new Statistics(row.GetDouble(2), Math.Abs(row.GetDouble(3)), row.GetString(4).Trim('{', '}').Split(','))),
            Parameter.Of(schema),
            Parameter.Of(model.Tables.Select(table => table.Name).ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return known;
    }

    /// <summary>
    /// Conditions that select the children of a key, and the parents that they may have, range by range: together every row once. Null if
    /// ranges are not worth it.
    /// </summary>
    public KeyRanges? RangesOf(TableModel table, ForeignKeyModel key)
    {
        if (key.Columns is not [var column]
            || key.ParentColumns is not [var parentColumn]
            || !_columns.TryGetValue((table.Name, column), out var own)
            || !_columns.TryGetValue((key.ParentTable, parentColumn), out var parent)
            || own.Correlation < OrderedFrom
            || parent.Correlation < OrderedFrom)
        {
            return null;
        }

        var count = (int)Math.Min(own.Rows / _rowsPerRange, own.Bounds.Length - 1);
        if (count < 2)
        {
            return null;
        }

        string[] between = [.. Enumerable.Range(1, count - 1).Select(number => own.Bounds[number * (own.Bounds.Length - 1) / count])];
        return new KeyRanges(
            [
                .. Enumerable.Range(0, count).Select(number => new KeyRange(
                    Range("c", column, between, number), Range("p", parentColumn, between, number))),
                new KeyRange($"c.{Identifier.Quote(column)} IS NULL", "false") { HasParents = false },
            ],
            own.Rows / Math.Max(1, parent.Rows));
    }

    private static string Range(string alias, string column, string[] between, int number)
    {
        var name = $"{alias}.{Identifier.Quote(column)}";
        return (number > 0, number < between.Length) switch
        {
            (true, true) => $"{name} >= {Identifier.Literal(between[number - 1])} AND {name} < {Identifier.Literal(between[number])}",
            (true, false) => $"{name} >= {Identifier.Literal(between[number - 1])}",
            _ => $"{name} < {Identifier.Literal(between[number])}",
        };
    }

    private sealed record Statistics(double Rows, double Correlation, string[] Bounds);
}

/// <summary>The ranges of a foreign key.</summary>
/// <param name="Ranges">Together they have every row once.</param>
/// <param name="RowsPerParent">How many rows a parent has on average.</param>
internal sealed record KeyRanges(IReadOnlyList<KeyRange> Ranges, double RowsPerParent);

/// <summary>Rows of a table and the parents that they may have.</summary>
/// <param name="Children">Condition of the rows <c>c</c>.</param>
/// <param name="Parents">Condition of the rows <c>p</c>.</param>
internal sealed record KeyRange(string Children, string Parents)
{
    /// <summary>False for the rows that refer to nothing.</summary>
    public bool HasParents { get; init; } = true;
}
