using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Values that are there twice although they should be unique.</summary>
internal static class DuplicateCheck
{
    /// <summary>One statement for the primary key, one for each unique key that the server does not enforce and, by business rule, one for e-mail addresses.</summary>
    public static IEnumerable<IntegrityQuery> Queries(DatabaseConnection connection, TableModel table, LiveTable live, CheckScope scope)
    {
        if (table.PrimaryKey.Count > 0)
        {
            yield return Query(connection, table, live, scope, table.PrimaryKey, new CheckText(
                $"{CheckKind.PrimaryKey} {KeyNames.Of(table.Name, table.PrimaryKey)}",
                IntegritySeverity.Error,
                $"Rows of \"{table.Name}\" with duplicate keys."));
        }

        foreach (var columns in StoredKeys.Widened(table).Where(columns => columns != table.PrimaryKey))
        {
            yield return Query(connection, table, live, scope, columns, new CheckText(
                $"{CheckKind.Unique} {KeyNames.Of(table.Name, columns)}",
                IntegritySeverity.Error,
                $"Rows of \"{table.Name}\" with duplicate ({string.Join(", ", columns)}). The server cannot enforce this key, because the table is {table.Layout.Describe()}."));
        }

        if (HasEmail(table))
        {
            yield return Query(connection, table, live, scope, [ShopRules.Email], EmailText(table));
        }
    }

    /// <summary>
    /// Says whether any two e-mail addresses may be the same: as many hashes as addresses are as many addresses. Sorting numbers takes a quarter of
    /// the time of grouping texts. Null where an index knows it, or where equal texts may have different hashes.
    /// </summary>
    public static TablePass? Pass(DatabaseConnection connection, TableModel table, LiveTable live, Func<string, bool> isWanted)
    {
        if (!HasEmail(table) || !isWanted(EmailText(table).Name) || live.IsUnique([ShopRules.Email])
            || live.Find(ShopRules.Email) is not { TypeName: var type } || !(type == "text" || type.StartsWith("character varying", StringComparison.Ordinal)))
        {
            return null;
        }

        var hashes = $"SELECT pg_catalog.hashtextextended({Identifier.Quote(ShopRules.Email)}, 0) AS hash FROM {connection.Quote(table.Name)}";
        return new TablePass(table, null, [EmailText(table).Name], [$"SELECT count(hash) <> count(DISTINCT hash) FROM ({hashes}) AS hashed"])
        {
            Settings = CheckScope.WholeTable,
        };
    }

    private static bool HasEmail(TableModel table) => table.HasColumn(ShopRules.Email) && table.Column(ShopRules.Email).Type.IsText
        && !StoredKeys.Widened(table).Any(columns => columns is [ShopRules.Email]); // a key, not a rule of the business

    private static CheckText EmailText(TableModel table) => new(
        $"{CheckKind.Unique} {table.Name}.{ShopRules.Email}",
        IntegritySeverity.Warning,
        $"Rows of \"{table.Name}\" with a duplicate \"{ShopRules.Email}\".");

    private static IntegrityQuery Query(
        DatabaseConnection connection, TableModel table, LiveTable live, CheckScope scope, IReadOnlyList<string> columns, CheckText text)
    {
        if (live.IsUnique(columns))
        {
            return new IntegrityQuery(
                table.Name, [text with { Detail = "A unique index on the server enforces this." }], "SELECT 0::bigint, ARRAY[]::text[]");
        }

        // Citus cannot look up rows of other servers: there, all values are counted.
        if (scope.IsWhole(table) || table.Layout.Distribution is not null)
        {
            return new IntegrityQuery(table.Name, [text], CountSql(connection, table, columns, []));
        }

        // Without an index the table is read once beside the values in memory, and never once per value, nor sorted. How many rows a range of
        // keys has is unknown to the planner: it would compile the query, which takes longer than half of the rest.
        var isFound = live.UsableIndexes.Any(index => index.Covers([.. columns]));
        var same = string.Join(" AND ", columns.Select(column => live.Find(column)!.EqualSql("checked", live.Find(column)!, "c")));
        var among = $"EXISTS (SELECT FROM {scope.Source(connection, table)} AS checked WHERE {same})";
        return new IntegrityQuery(table.Name, [text], CountSql(connection, table, columns, [among]))
        {
            Settings = isFound ? scope.Settings(table) : ["enable_nestloop = off", "enable_mergejoin = off", "jit = off", .. CheckScope.WholeTable],
        };
    }

    /// <summary>Counts every row after the first of each value; the samples are the values.</summary>
    private static string CountSql(DatabaseConnection connection, TableModel table, IReadOnlyList<string> columns, IReadOnlyList<string> conditions) =>
        $"""
        WITH offender AS MATERIALIZED (
            SELECT {KeyNames.TextSql("c", columns)} AS key, count(*) - 1 AS surplus
            FROM {connection.Quote(table.Name)} AS c
            WHERE {string.Join(" AND ", columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL").Concat(conditions))}
            GROUP BY {Identifier.QuoteList(columns)} HAVING count(*) > 1)
        SELECT coalesce(sum(surplus), 0)::bigint, ARRAY(SELECT key FROM offender LIMIT {IntegrityQuery.SampleSize}) FROM offender
        """;
}
