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
        DatabaseConnection connection, StreamModel model, TableModel table, IReadOnlyDictionary<string, LiveTable> live, CheckScope scope)
    {
        var checks = Of(connection, model, table, live);
        var ancestors = SharedAncestor.Of(model, table).SelectMany(shared => shared.Path).Select(key => key.ParentTable).ToList();
        var rows = scope.Source(connection, table);
        return
        [
            .. table.ForeignKeys.Select(key => Orphans(connection, model, table, scope.Source(connection, table, live[table.Name].HasHeirs), key, live) with
            {
                Settings = scope.Settings(table),
            }),
            .. checks.GroupBy(check => check.Beside).Select(group => Query(connection, model, table, rows, live, group.Key, [.. group]) with
            {
                Key = group.Key,
                Settings = scope.Settings(table),
                AlsoReads = group.Key is { } key ? [key.ParentTable, .. ancestors] : [],
            }),
        ];
    }

    /// <summary>The checks of a row by itself, or beside a parent.</summary>
    public static IReadOnlyList<RowCheck> Of(
        DatabaseConnection connection, StreamModel model, TableModel table, IReadOnlyDictionary<string, LiveTable> live) =>
        [.. new[] { KeyValues(table), SharedAncestors(connection, model, table, live), ShopRules.RowChecks(model, table) }
            .SelectMany(checks => checks).GroupBy(check => check.Text.Name).SelectMany(WithWays)];

    /// <summary>Checks of one name are those along several foreign keys: each says which way it goes.</summary>
    private static IEnumerable<RowCheck> WithWays(IEnumerable<RowCheck> checks) => checks.Count() == 1
        ? checks
        : checks.Select(check => check with { Text = check.Text with { Name = check.Text.Name + KeyNames.Way(check.Way) } });

    /// <summary>The check that every row has its parent.</summary>
    public static CheckText OrphanText(TableModel table, ForeignKeyModel key) => new(
        $"{CheckKind.ForeignKey} {KeyNames.Of(table, key)}",
        IntegritySeverity.Error,
        $"Rows whose parent in \"{key.ParentTable}\" does not exist.");

    private static IEnumerable<RowCheck> KeyValues(TableModel table) =>
        from column in table.PrimaryKey.Concat(table.ForeignKeys.SelectMany(key => key.Columns.Except(table.NullableColumns(key)))).Distinct()
        let text = new CheckText(
            $"{CheckKind.KeyValue} {table.Name}.{column}",
            IntegritySeverity.Error,
            $"Rows whose key column \"{column}\" is NULL.")
        select new RowCheck(text, $"c.{Identifier.Quote(column)} IS NULL");

    private static IntegrityQuery Orphans(
        DatabaseConnection connection, StreamModel model, TableModel table, string rows, ForeignKeyModel key, IReadOnlyDictionary<string, LiveTable> live)
    {
        var stored = StoredKeys.Join(model, table, key);

        // A key with a NULL in it refers to nothing (MATCH SIMPLE): that is a key without a value, not an orphan.
        var orphans = $"""
            FROM {rows} AS c
            WHERE {string.Join(" AND ", key.Columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"))}
              AND NOT EXISTS (SELECT FROM {connection.Quote(key.ParentTable)} AS p WHERE {SameKey(live, table, stored)})
            """;
        return new IntegrityQuery(table.Name, [OrphanText(table, key)], $"""
            SELECT orphans,
                   CASE WHEN orphans = 0 THEN ARRAY[]::text[]
                        ELSE ARRAY(SELECT {KeyNames.TextSql("c", table.PrimaryKey)} {orphans} LIMIT {IntegrityQuery.SampleSize}) END
            FROM (SELECT count(*) AS orphans {orphans}) AS counted
            """) { Key = key, AlsoReads = [key.ParentTable], MissesRows = true };
    }

    private static IEnumerable<RowCheck> SharedAncestors(
        DatabaseConnection connection, StreamModel model, TableModel table, IReadOnlyDictionary<string, LiveTable> live) =>
        from shared in SharedAncestor.Of(model, table)
        let last = shared.Path[^1].ParentTable
        let text = new CheckText(
            $"{CheckKind.SharedParent} {KeyNames.Of(table.Name, shared.Columns)} = {KeyNames.Of(last, shared.ParentColumns)}",
            shared.Straight.Agreement == ParentAgreement.Required ? IntegritySeverity.Error : IntegritySeverity.Warning,
            $"Rows that refer to another row of \"{shared.Straight.ParentTable}\" than their parent in \"{shared.Via.ParentTable}\" does.")
        select new RowCheck(text, AgreementSql.Differs(connection.Schema, table.Name, shared, live), shared.Via) { Way = shared.Path };

    /// <summary>
    /// Only offending rows reach the CTE, which goes to disk when there are many of them; count and samples come from there,
    /// so that finding something costs no second reading and no memory.
    /// </summary>
    private static IntegrityQuery Query(
        DatabaseConnection connection,
        StreamModel model,
        TableModel table,
        string rows,
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
                FROM {rows} AS c {(beside is null ? "" : Join(connection, model, table, beside, live))}
                WHERE {string.Join(" OR ", checks.Select(check => $"({check.Offends})"))})
            SELECT {string.Join(", ", answers)} FROM offender
            """);
    }

    private static string Join(
        DatabaseConnection connection, StreamModel model, TableModel table, ForeignKeyModel key, IReadOnlyDictionary<string, LiveTable> live)
    {
        // No unique index says so of the key alone; the check of the primary key does. Citus joins by the key with its column: rows that
        // disagree there are orphans.
        if (model.HasLayouts && StoredKeys.IsWidened(model.Table(key.ParentTable), key.ParentColumns))
        {
            return $"JOIN {connection.Quote(key.ParentTable)} AS p ON {SameKey(live, table, StoredKeys.Join(model, table, key))}";
        }

        // Without a unique index a parent may be there twice, and the join would count its children twice.
        var name = connection.Quote(key.ParentTable);
        var rows = live[key.ParentTable].IsUnique(key.ParentColumns)
            ? name
            : $"(SELECT DISTINCT ON ({Identifier.QuoteList(key.ParentColumns)}) * FROM {name})";
        return $"JOIN {rows} AS p ON {SameKey(live, table, key)}";
    }

    /// <summary>The condition that a row <c>c</c> refers to a row <c>p</c>.</summary>
    public static string SameKey(IReadOnlyDictionary<string, LiveTable> live, TableModel table, ForeignKeyModel key) =>
        live[table.Name].RefersSql(key, "c", live[key.ParentTable], "p");
}

/// <summary>A check that a row passes or does not, by itself or beside a parent it refers to.</summary>
/// <param name="Text">Its name and meaning.</param>
/// <param name="Offends">SQL that is true for an offending row <c>c</c> and its parent <c>p</c>.</param>
/// <param name="Beside">The foreign key to the parent that is needed; null when the row alone tells.</param>
internal sealed record RowCheck(CheckText Text, string Offends, ForeignKeyModel? Beside = null)
{
    /// <summary>The foreign keys that it goes along.</summary>
    public IReadOnlyList<ForeignKeyModel> Way { get; init; } = Beside is null ? [] : [Beside];
}
