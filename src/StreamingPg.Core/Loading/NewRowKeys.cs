using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>The range of primary keys that the new rows of a table have, so that they can be found without reading the table.</summary>
/// <param name="Column">The key column.</param>
/// <param name="First">The lowest key the rows can have.</param>
/// <param name="Last">The highest key the rows can have.</param>
internal readonly record struct NewRowKeys(string Column, object First, object Last)
{
    /// <summary>True when generated keys of the table form a range: a single UUID or sequence column that is nobody's child.</summary>
    public static bool CanBeRange(TableModel table) =>
        table.PrimaryKey is [var name]
        && table.Column(name) is { } column
        && (column.IsAutoIncrement || column is { Type.Kind: ColumnKind.Uuid, Generator: null, Values: null, Pattern: null, HasRule: false })
        && !table.ForeignKeys.Any(key => key.Columns.Contains(name));

    /// <summary>The first and the last key of the rows of a chunk, per table, as the ledger keeps them.</summary>
    public static Dictionary<string, string[]> OfChunk(StreamModel model, BatchGenerator generator) => model.Tables
        .Where(table => generator.Rows(table).Count > 0 && CanBeRange(table))
        .ToDictionary(
            table => table.Name,
            table => Of(generator.Table(table.Name), generator.Rows(table)) is var keys
                ? new[] { ValueText.Of(keys.First), ValueText.Of(keys.Last) } : [],
            StringComparer.Ordinal);

    /// <summary>The range of some rows of a table.</summary>
    public static NewRowKeys Of(TableGenerator generator, RowRange rows)
    {
        var name = generator.Table.PrimaryKey[0];
        var (first, last) = generator.Columns[generator.Table.IndexOf(name)] switch
        {
            UuidKeyColumn uuid => ((object, object))uuid.Bounds(rows),
            SequenceColumn sequence => sequence.Bounds(rows),
            _ => throw new InvalidOperationException($"The keys of \"{generator.Table.Name}\" are not a range."),
        };
        return new NewRowKeys(name, first, last);
    }
}

/// <summary>Counts the rows that a transaction inserted, by the server's own count.</summary>
/// <remarks>
/// The server's count goes on from earlier transactions of the session whose statistics it has not handed on yet. It hands them
/// on between transactions only, so within one the difference of two counts is exact.
/// </remarks>
internal sealed class InsertCounter(string schema)
{
    private readonly Dictionary<string, long> _before = new(StringComparer.Ordinal);

    /// <summary>Asks for the count from which a table's rows are counted.</summary>
    public void Begin(CommandBatch commands, TableModel table) => Ask(commands, table, count => _before[table.Name] = count);

    /// <summary>Asks for the rows of a table since <see cref="Begin"/>, or since they were counted last.</summary>
    public void Count(CommandBatch commands, TableModel table, Action<long> rows) => Ask(commands, table, count =>
    {
        rows(count - _before[table.Name]);
        _before[table.Name] = count;
    });

    // Rows of a partitioned table count where they end up. A table without partitions has no partition tree.
    private void Ask(CommandBatch commands, TableModel table, Action<long> answer) => commands.Query(
        """
        SELECT pg_stat_get_xact_tuples_inserted($1::regclass) + COALESCE((
            SELECT sum(pg_stat_get_xact_tuples_inserted(relid)) FROM pg_partition_tree($1::regclass) WHERE relid <> $1::regclass), 0)::bigint
        """,
        row => answer(row.GetInt64(0)),
        Parameter.Of(Identifier.Quote(schema, table.Name)));
}
