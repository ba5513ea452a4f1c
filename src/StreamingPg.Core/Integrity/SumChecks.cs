using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>
/// Sums that are not what their parts add up to, all of them warnings: those that metadata declares by <c>sum_of</c>, and an amount
/// whose lines have a quantity and a unit_price. Rows without parts are not looked at.
/// </summary>
internal static class SumChecks
{
    /// <summary>The sums over the rows of a table.</summary>
    public static IEnumerable<IntegrityQuery> Queries(DatabaseConnection connection, StreamModel model, TableModel parts)
    {
        var declared = SumRule.Of(model).Where(rule => rule.Parts == parts).ToList();
        return declared
            .Concat(Named(model, parts).Where(named => !declared.Any(rule => rule.Whole == named.Whole && rule.Column == named.Column)))
            .Select(rule => Query(connection, rule));
    }

    private static IEnumerable<SumRule> Named(StreamModel model, TableModel parts) =>
        from key in ShopRules.HasNumber(parts, LineItems.Quantity) && ShopRules.HasNumber(parts, LineItems.UnitPrice) ? parts.ForeignKeys : []
        let whole = model.Table(key.ParentTable)
        where ShopRules.HasNumber(whole, LineItems.Amount)
        select new SumRule(whole, whole.Column(LineItems.Amount), parts, key, [LineItems.Quantity, LineItems.UnitPrice]);

    private static IntegrityQuery Query(DatabaseConnection connection, SumRule rule) => new(
        rule.Whole.Name,
        [new CheckText(
            $"{CheckKind.Amount} {rule.Whole.Name}.{rule.Column.Name} = sum of {rule.Parts.Name}",
            IntegritySeverity.Warning,
            $"Rows whose \"{rule.Column.Name}\" is not the sum of {string.Join(" x ", rule.Factors)} of their rows in \"{rule.Parts.Name}\".")],
        Sql(connection, rule))
    {
        AlsoReads = [rule.Parts.Name],
        MissesRows = true,
    };

    private static string Sql(DatabaseConnection connection, SumRule rule)
    {
        var columns = Identifier.QuoteList(rule.Key.Columns);
        var pairs = rule.Key.Columns.Zip(
            rule.Key.ParentColumns, (column, parentColumn) => $"c.{Identifier.Quote(parentColumn)} = s.{Identifier.Quote(column)}");
        return $"""
            WITH offender AS MATERIALIZED (
                SELECT {KeyNames.TextSql("c", rule.Whole.PrimaryKey)} AS key
                FROM {connection.Quote(rule.Whole.Name)} AS c
                JOIN (SELECT {columns}, {rule.ExactTotalSql("part")} AS total
                      FROM {connection.Quote(rule.Parts.Name)} AS part GROUP BY {columns}) AS s ON {string.Join(" AND ", pairs)}
                WHERE c.{Identifier.Quote(rule.Column.Name)} IS DISTINCT FROM s.total)
            SELECT count(*), ARRAY(SELECT key FROM offender LIMIT {IntegrityQuery.SampleSize}) FROM offender
            """;
    }
}
