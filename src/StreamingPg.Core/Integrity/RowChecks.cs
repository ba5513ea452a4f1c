using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>The checks that look at rows and the parents they refer to: keys without a value, orphans, shared ancestors, rules.</summary>
/// <remarks>
/// Orphans are counted by a statement per foreign key that names its columns only, so that indexes alone can answer it; the
/// keys of orphans are looked up only when there are some. Even the primary key carried along tripled the time. All checks
/// of a row alone share one reading of the table, and so do all checks beside the same parent.
/// </remarks>
internal static class RowChecks
{
    /// <summary>The statements for one table.</summary>
    public static IEnumerable<IntegrityQuery> Queries(
        DatabaseConnection connection, StreamModel model, TableModel table, IReadOnlyDictionary<string, LiveTable> live)
    {
        RowCheck[] checks = [.. KeyValues(table), .. SharedAncestors(connection, model, table), .. ShopRules.RowChecks(model, table)];
        var ancestors = SharedAncestor.Of(model, table).SelectMany(shared => shared.Path).Select(key => key.ParentTable).ToList();
        return
        [
            .. table.ForeignKeys.Select(key => Orphans(connection, table, key)),
            .. checks.GroupBy(check => check.Beside).Select(group => Query(connection, table, live, group.Key, [.. group]) with
            {
                AlsoReads = group.Key is { } key ? [key.ParentTable, .. ancestors] : [],
            }),
        ];
    }

    private static IEnumerable<RowCheck> KeyValues(TableModel table) =>
        from column in table.PrimaryKey.Concat(table.ForeignKeys.SelectMany(key => key.Columns.Except(table.NullableColumns(key)))).Distinct()
        let text = new CheckText(
            $"{CheckKind.KeyValue} {table.Name}.{column}",
            IntegritySeverity.Error,
            $"Rows whose key column \"{column}\" is NULL.")
        select new RowCheck(text, $"c.{Identifier.Quote(column)} IS NULL");

    private static IntegrityQuery Orphans(DatabaseConnection connection, TableModel table, ForeignKeyModel key)
    {
        var text = new CheckText(
            $"{CheckKind.ForeignKey} {KeyNames.Of(table, key)}",
            IntegritySeverity.Error,
            $"Rows whose parent in \"{key.ParentTable}\" does not exist.");
        // A key with a NULL in it refers to nothing (MATCH SIMPLE): that is a key without a value, not an orphan.
        var orphans = $"""
            FROM {connection.Quote(table.Name)} AS c
            WHERE {string.Join(" AND ", key.Columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"))}
              AND NOT EXISTS (SELECT FROM {connection.Quote(key.ParentTable)} AS p WHERE {SameKey(key)})
            """;
        return new IntegrityQuery(table.Name, [text], $"""
            SELECT orphans,
                   CASE WHEN orphans = 0 THEN ARRAY[]::text[]
                        ELSE ARRAY(SELECT {KeyNames.TextSql("c", table.PrimaryKey)} {orphans} LIMIT {IntegrityQuery.SampleSize}) END
            FROM (SELECT count(*) AS orphans {orphans}) AS counted
            """) { AlsoReads = [key.ParentTable], MissesRows = true };
    }

    private static IEnumerable<RowCheck> SharedAncestors(DatabaseConnection connection, StreamModel model, TableModel table) =>
        from shared in SharedAncestor.Of(model, table)
        let last = shared.Path[^1].ParentTable
        let text = new CheckText(
            $"{CheckKind.SharedParent} {KeyNames.Of(table.Name, shared.Columns)} = {KeyNames.Of(last, shared.ParentColumns)}",
            IntegritySeverity.Error,
            $"Rows that refer to another row of \"{shared.Straight.ParentTable}\" than their parent in \"{shared.Via.ParentTable}\" does.")
        select new RowCheck(text, Differs(connection, shared), shared.Via);

    /// <summary>The condition that row c says otherwise than its parent p, or than a row further up to which that one leads.</summary>
    private static string Differs(DatabaseConnection connection, SharedAncestor shared)
    {
        var from = new List<string>();
        var conditions = new List<string>();
        var last = "p";
        foreach (var key in shared.Path.Skip(1))
        {
            var next = $"p{from.Count}";
            from.Add($"{connection.Quote(key.ParentTable)} AS {next}");
            conditions.AddRange(key.Columns.Zip(
                key.ParentColumns, (own, parents) => $"{next}.{Identifier.Quote(parents)} = {last}.{Identifier.Quote(own)}"));
            last = next;
        }

        var differences = string.Join(" OR ", shared.Columns.Zip(
            shared.ParentColumns, (column, parentColumn) => $"c.{Identifier.Quote(column)} <> {last}.{Identifier.Quote(parentColumn)}"));
        return from.Count == 0
            ? differences
            : $"EXISTS (SELECT FROM {string.Join(", ", from)} WHERE {string.Join(" AND ", conditions)} AND ({differences}))";
    }

    /// <summary>
    /// Only offending rows reach the CTE, which goes to disk when there are many of them; count and samples come from there,
    /// so that finding something costs no second reading and no memory.
    /// </summary>
    private static IntegrityQuery Query(
        DatabaseConnection connection,
        TableModel table,
        IReadOnlyDictionary<string, LiveTable> live,
        ForeignKeyModel? beside,
        RowCheck[] checks)
    {
        var flags = checks.Select((check, index) => $"({check.Offends}) AS f{index}");
        var answers = checks.Select((_, index) =>
            $"count(*) FILTER (WHERE f{index}), ARRAY(SELECT key FROM offender WHERE f{index} LIMIT {IntegrityQuery.SampleSize})");
        return new IntegrityQuery(table.Name, [.. checks.Select(check => check.Text)], $"""
            WITH offender AS MATERIALIZED (
                SELECT {KeyNames.TextSql("c", table.PrimaryKey)} AS key, {string.Join(", ", flags)}
                FROM {connection.Quote(table.Name)} AS c {(beside is null ? "" : Join(connection, beside, live[beside.ParentTable]))}
                WHERE {string.Join(" OR ", checks.Select(check => $"({check.Offends})"))})
            SELECT {string.Join(", ", answers)} FROM offender
            """);
    }

    private static string Join(DatabaseConnection connection, ForeignKeyModel key, LiveTable parent)
    {
        // Without a unique index a parent may be there twice, and the join would count its children twice.
        var name = connection.Quote(key.ParentTable);
        var rows = parent.IsUnique(key.ParentColumns)
            ? name
            : $"(SELECT DISTINCT ON ({Identifier.QuoteList(key.ParentColumns)}) * FROM {name})";
        return $"JOIN {rows} AS p ON {SameKey(key)}";
    }

    private static string SameKey(ForeignKeyModel key) => string.Join(" AND ", key.Columns.Zip(
        key.ParentColumns, (column, parentColumn) => $"c.{Identifier.Quote(column)} = p.{Identifier.Quote(parentColumn)}"));
}

/// <summary>A check that a row passes or does not, by itself or beside a parent it refers to.</summary>
/// <param name="Text">Its name and meaning.</param>
/// <param name="Offends">SQL that is true for an offending row <c>c</c> and its parent <c>p</c>.</param>
/// <param name="Beside">The foreign key to the parent that is needed; null when the row alone tells.</param>
internal sealed record RowCheck(CheckText Text, string Offends, ForeignKeyModel? Beside = null);
