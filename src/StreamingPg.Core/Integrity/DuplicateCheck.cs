using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Values that are there twice although they should be unique.</summary>
internal static class DuplicateCheck
{
    /// <summary>One statement for the primary key and, by business rule, one for e-mail addresses.</summary>
    public static IEnumerable<IntegrityQuery> Queries(DatabaseConnection connection, TableModel table, LiveTable live)
    {
        if (table.PrimaryKey.Count > 0)
        {
            yield return Query(connection, table, live, table.PrimaryKey, new CheckText(
                $"{CheckKind.PrimaryKey} {KeyNames.Of(table.Name, table.PrimaryKey)}",
                IntegritySeverity.Error,
                $"Rows of \"{table.Name}\" with duplicate keys."));
        }

        if (table.HasColumn(ShopRules.Email) && table.Column(ShopRules.Email).Type.IsText)
        {
            yield return Query(connection, table, live, [ShopRules.Email], new CheckText(
                $"{CheckKind.Unique} {table.Name}.{ShopRules.Email}",
                IntegritySeverity.Warning,
                $"Rows of \"{table.Name}\" with a duplicate \"{ShopRules.Email}\"."));
        }
    }

    private static IntegrityQuery Query(
        DatabaseConnection connection, TableModel table, LiveTable live, IReadOnlyList<string> columns, CheckText text) =>
        live.IsUnique(columns)
            ? new IntegrityQuery(
                table.Name, [text with { Detail = "A unique index on the server enforces this." }], "SELECT 0::bigint, ARRAY[]::text[]")
            : new IntegrityQuery(table.Name, [text], CountSql(connection.Quote(table.Name), columns));

    /// <summary>Counts every row after the first of each value; the samples are the values.</summary>
    private static string CountSql(string table, IReadOnlyList<string> columns) =>
        $"""
        WITH offender AS MATERIALIZED (
            SELECT {KeyNames.TextSql("c", columns)} AS key, count(*) - 1 AS surplus
            FROM {table} AS c
            WHERE {string.Join(" AND ", columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"))}
            GROUP BY {Identifier.QuoteList(columns)} HAVING count(*) > 1)
        SELECT coalesce(sum(surplus), 0)::bigint, ARRAY(SELECT key FROM offender LIMIT {IntegrityQuery.SampleSize}) FROM offender
        """;
}
