using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Integrity;

/// <summary>
/// The checks that look at one row and the parents it refers to: keys without a value, orphans, shared ancestors, time
/// order, ranges. All of a table share one statement, so the table and each parent are read once however many checks there are.
/// </summary>
internal static class RowChecks
{
    /// <summary>The statement for one table.</summary>
    public static IntegrityQuery Query(DatabaseConnection connection, StreamModel model, TableModel table, IReadOnlyDictionary<string, LiveTable> live)
    {
        RowCheck[] checks =
        [
            .. KeyValues(table),
            .. Orphans(table),
            .. SharedAncestors(model, table),
            .. ShopRules.RowChecks(model, table),
        ];
        return new IntegrityQuery(table.Name, [.. checks.Select(check => check.Text)], Sql(connection, table, live, checks));
    }

    /// <summary>Name of the parent of a foreign key in the conditions of a <see cref="RowCheck"/>.</summary>
    public static string ParentAlias(TableModel table, ForeignKeyModel key) => $"p{table.ForeignKeys.ToList().IndexOf(key)}";

    private static IEnumerable<RowCheck> KeyValues(TableModel table) =>
        from column in table.PrimaryKey.Concat(table.ForeignKeys.SelectMany(key => key.Columns)).Distinct()
        let text = new CheckText(
            $"KeyValue {table.Name}.{column}",
            IntegritySeverity.Error,
            $"Rows whose key column \"{column}\" has no value.")
        select new RowCheck(text, $"c.{Identifier.Quote(column)} IS NULL");

    // A key with a NULL in it refers to nothing (MATCH SIMPLE): that is a key without a value, not an orphan.
    private static IEnumerable<RowCheck> Orphans(TableModel table) =>
        from key in table.ForeignKeys
        let text = new CheckText(
            $"ForeignKey {KeyNames.Of(table, key)}",
            IntegritySeverity.Error,
            $"Rows that refer to a row of \"{key.ParentTable}\" which is not there.")
        select new RowCheck(
            text,
            $"{AllHaveValue("c", key.Columns)} AND {ParentAlias(table, key)}.{Identifier.Quote(key.ParentColumns[0])} IS NULL");

    private static IEnumerable<RowCheck> SharedAncestors(StreamModel model, TableModel table) =>
        from shared in SharedAncestor.Of(model, table)
        let parent = ParentAlias(table, shared.Via)
        let text = new CheckText(
            $"SharedParent {KeyNames.Of(table.Name, shared.Columns)} = {KeyNames.Of(shared.Via.ParentTable, shared.ParentColumns)}",
            IntegritySeverity.Error,
            $"Rows that refer to another row of \"{shared.Straight.ParentTable}\" than their row of \"{shared.Via.ParentTable}\" does.")
        let differences = shared.Columns.Zip(
            shared.ParentColumns, (column, parentColumn) => $"c.{Identifier.Quote(column)} <> {parent}.{Identifier.Quote(parentColumn)}")
        select new RowCheck(text, string.Join(" OR ", differences));

    private static string AllHaveValue(string alias, IEnumerable<string> columns) =>
        string.Join(" AND ", columns.Select(column => $"{alias}.{Identifier.Quote(column)} IS NOT NULL"));

    /// <summary>
    /// Only offending rows reach the CTE, which goes to disk when there are many of them; count and samples come from there,
    /// so that finding something costs no second reading and no memory.
    /// </summary>
    private static string Sql(DatabaseConnection connection, TableModel table, IReadOnlyDictionary<string, LiveTable> live, RowCheck[] checks)
    {
        var flags = checks.Select((check, index) => $"({check.Offends}) AS f{index}");
        var answers = checks.Select((_, index) =>
            $"count(*) FILTER (WHERE f{index}), ARRAY(SELECT key FROM offender WHERE f{index} LIMIT {IntegrityQuery.SampleSize})");
        return $"""
            WITH offender AS MATERIALIZED (
                SELECT {KeyNames.TextSql("c", table.PrimaryKey)} AS key, {string.Join(", ", flags)}
                FROM {connection.Quote(table.Name)} AS c {string.Join(" ", table.ForeignKeys.Select(key => Join(connection, table, key, live)))}
                WHERE {string.Join(" OR ", checks.Select(check => $"({check.Offends})"))})
            SELECT {string.Join(", ", answers)} FROM offender
            """;
    }

    private static string Join(DatabaseConnection connection, TableModel table, ForeignKeyModel key, IReadOnlyDictionary<string, LiveTable> live)
    {
        // Without a unique index a parent may be there twice, and the join would count its children twice.
        var parent = connection.Quote(key.ParentTable);
        var rows = live[key.ParentTable].IsUnique(key.ParentColumns)
            ? parent
            : $"(SELECT DISTINCT ON ({Identifier.QuoteList(key.ParentColumns)}) * FROM {parent})";
        var alias = ParentAlias(table, key);
        var pairs = key.Columns.Zip(
            key.ParentColumns, (column, parentColumn) => $"c.{Identifier.Quote(column)} = {alias}.{Identifier.Quote(parentColumn)}");
        return $"LEFT JOIN {rows} AS {alias} ON {string.Join(" AND ", pairs)}";
    }
}
