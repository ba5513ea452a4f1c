using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Finds the rows that a transaction copied into tables whose new keys are no range: they lie in the last pages of the table, and
/// the server marks each with its transaction (xmin). No index is needed, and no row of others is looked at but those of these pages.
/// </summary>
/// <remarks>
/// COPY also fills pages that had room before it began: one that the session wrote to last, and, where rows were deleted, any. So
/// the count of the rows must be held against what was sent, and the whole table searched where some are missing.
/// </remarks>
internal sealed class NewRowPlaces(string schema)
{
    // Pages that were not full when the table was copied into before.
    private const long PagesBefore = 64;

    private readonly Dictionary<string, long> _firstPages = new(StringComparer.Ordinal);

    /// <summary>Asks, before a table is copied into, how long it is.</summary>
    public void Begin(CommandBatch commands, TableModel table) => Ask(commands, table, pages => _firstPages[table.Name] = pages);

    /// <summary>
    /// Asks so afterwards: other transactions, which copied beside this one, may have lengthened the table as much before it as meanwhile.
    /// </summary>
    public void End(CommandBatch commands, TableModel table) => Ask(commands, table, pages =>
        _firstPages[table.Name] -= (2 * (pages - _firstPages[table.Name])) + PagesBefore);

    /// <summary>The condition under which a row is one of those that the transaction wrote.</summary>
    /// <param name="alias">The row.</param>
    /// <param name="table">Its table.</param>
    /// <param name="everywhere">True to search the whole table, as for one whose pages are in its partitions.</param>
    public string ConditionSql(string alias, TableModel table, bool everywhere)
    {
        var own = $"{alias}.xmin = (SELECT pg_catalog.pg_current_xact_id()::xid)";
        return !everywhere && _firstPages.TryGetValue(table.Name, out var first) ? $"{alias}.ctid >= '({Math.Max(0, first)},0)'::tid AND {own}" : own;
    }

    private void Ask(CommandBatch commands, TableModel table, Action<long> answer) => commands.Query(
        "SELECT pg_catalog.pg_relation_size($1::regclass) / pg_catalog.current_setting('block_size')::bigint",
        row => answer(row.GetInt64(0)),
        Parameter.Of(Identifier.Quote(schema, table.Name)));
}
