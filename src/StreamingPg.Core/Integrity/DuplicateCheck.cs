using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Values that are there twice although they should be unique.</summary>
internal static class DuplicateCheck
{
    /// <summary>What is said when the server itself keeps the columns unique and no row needs to be read.</summary>
    public const string KeptByIndex = "A unique index keeps them so.";

    /// <summary>What must be unique in a table: its primary key, and by business rule an e-mail address.</summary>
    public static IEnumerable<(IReadOnlyList<string> Columns, CheckText Text)> For(TableModel table)
    {
        yield return (table.PrimaryKey, new CheckText(
            $"PrimaryKey {KeyNames.Of(table.Name, table.PrimaryKey)}",
            IntegritySeverity.Error,
            $"Rows whose key another row of \"{table.Name}\" has too."));
        if (table.HasColumn(ShopRules.Email) && !table.PrimaryKey.SequenceEqual([ShopRules.Email]))
        {
            yield return ([ShopRules.Email], new CheckText(
                $"Unique {table.Name}.{ShopRules.Email}",
                IntegritySeverity.Warning,
                $"Rows whose \"{ShopRules.Email}\" another row of \"{table.Name}\" has too."));
        }
    }

    /// <summary>Counts every row after the first of each value; the samples are the values.</summary>
    public static IntegrityQuery Query(DatabaseConnection connection, TableModel table, IReadOnlyList<string> columns, CheckText text)
    {
        var list = Identifier.QuoteList(columns);
        var haveValue = string.Join(" AND ", columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"));
        return new IntegrityQuery(table.Name, [text], $"""
            WITH offender AS MATERIALIZED (
                SELECT {KeyNames.TextSql("c", columns)} AS key, count(*) - 1 AS surplus
                FROM {connection.Quote(table.Name)} AS c WHERE {haveValue} GROUP BY {list} HAVING count(*) > 1)
            SELECT coalesce(sum(surplus), 0)::bigint, ARRAY(SELECT key FROM offender LIMIT {IntegrityQuery.SampleSize}) FROM offender
            """);
    }
}
