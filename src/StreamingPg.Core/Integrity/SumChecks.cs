using StreamingPg.Core.Catalog;
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
    /// <summary>The statements of the sums over the rows of a table.</summary>
    public static IEnumerable<IntegrityQuery> Queries(
        DatabaseConnection connection, StreamModel model, TableModel parts, IReadOnlyDictionary<string, LiveTable> live, CheckScope scope) =>
        RulesOf(model, parts).Select(rule => Query(connection, rule, live, scope));

    /// <summary>The sums over the rows of a table.</summary>
    public static IEnumerable<SumRule> RulesOf(StreamModel model, TableModel parts)
    {
        var declared = SumRule.Of(model).Where(rule => rule.Parts == parts).ToList();
        return declared
            .Concat(Named(model, parts).Where(named => !declared.Any(rule => rule.Whole == named.Whole && rule.Column == named.Column)));
    }

    /// <summary>The check of a sum.</summary>
    public static CheckText TextOf(SumRule rule) => new(
        $"{CheckKind.Amount} {rule.Whole.Name}.{rule.Column.Name} = sum of {rule.Parts.Name}"
            + (rule.Parts.ForeignKeys.Count(key => key.ParentTable == rule.Whole.Name) > 1 ? KeyNames.Way([rule.Key]) : ""),
        IntegritySeverity.Warning,
        $"Rows whose \"{rule.Column.Name}\" is not the sum of {string.Join(" x ", rule.Factors)} of their rows in \"{rule.Parts.Name}\".");

    private static IEnumerable<SumRule> Named(StreamModel model, TableModel parts) =>
        from key in ShopRules.HasNumber(parts, LineItems.Quantity) && ShopRules.HasNumber(parts, LineItems.UnitPrice) ? parts.ForeignKeys : []
        let whole = model.Table(key.ParentTable)
        where ShopRules.HasNumber(whole, LineItems.Amount)
        select new SumRule(whole, whole.Column(LineItems.Amount), parts, key, [LineItems.Quantity, LineItems.UnitPrice]);

    private static IntegrityQuery Query(
        DatabaseConnection connection, SumRule rule, IReadOnlyDictionary<string, LiveTable> live, CheckScope scope) => new(
        rule.Whole.Name,
        [TextOf(rule)],
        scope.IsWhole(rule.Whole) || scope.IsWhole(rule.Parts) || IsDistributed(rule) ? Sql(connection, rule, live) : ScopedSql(connection, rule, live, scope))
    {
        Key = rule.Key,
        AlsoReads = [rule.Parts.Name],
        MissesRows = true,
        Settings = scope.IsWhole(rule.Whole) ? [] : scope.Settings(rule.Parts),
    };

    /// <summary>Citus cannot look up parts row by row: all sums are checked, which it does on each server.</summary>
    private static bool IsDistributed(SumRule rule) => rule.Whole.Layout.Distribution is not null || rule.Parts.Layout.Distribution is not null;

    private static string Sql(DatabaseConnection connection, SumRule rule, IReadOnlyDictionary<string, LiveTable> live)
    {
        var columns = Identifier.QuoteList(rule.Key.Columns);
        return $"""
            WITH offender AS MATERIALIZED (
                SELECT {KeyNames.TextSql("c", rule.Whole.PrimaryKey)} AS key
                FROM {connection.Quote(rule.Whole.Name)} AS c
                JOIN (SELECT {columns}, {rule.ExactTotalSql("part")} AS total
                      FROM {connection.Quote(rule.Parts.Name)} AS part GROUP BY {columns}) AS s ON {live[rule.Parts.Name].RefersSql(rule.Key, "s", live[rule.Whole.Name], "c")}
                WHERE c.{Identifier.Quote(rule.Column.Name)} IS DISTINCT FROM s.total)
            SELECT count(*), ARRAY(SELECT key FROM offender LIMIT {IntegrityQuery.SampleSize}) FROM offender
            """;
    }

    /// <summary>Looks at the rows of the scope, and at those that got parts of it, each with all its parts.</summary>
    private static string ScopedSql(
        DatabaseConnection connection, SumRule rule, IReadOnlyDictionary<string, LiveTable> live, CheckScope scope)
    {
        var (columns, parentColumns) = (rule.Key.Columns, rule.Key.ParentColumns);
        var (parts, whole) = (live[rule.Parts.Name], live[rule.Whole.Name]);
        return $"""
            WITH k AS (
                SELECT {Identifier.QuoteList(columns)} FROM {scope.Source(connection, rule.Parts)} AS new_part
                UNION SELECT {Identifier.QuoteList(parentColumns)} FROM {scope.Source(connection, rule.Whole)} AS new_whole),
            offender AS MATERIALIZED (
                SELECT {KeyNames.TextSql("c", rule.Whole.PrimaryKey)} AS key
                FROM k JOIN {connection.Quote(rule.Whole.Name)} AS c ON {parts.RefersSql(rule.Key, "k", whole, "c")}
                CROSS JOIN LATERAL (
                    SELECT count(*) AS parts, {rule.ExactTotalSql("part")} AS total
                    FROM {connection.Quote(rule.Parts.Name)} AS part WHERE {parts.RefersSql(rule.Key, "part", whole, "c")}) AS s
                WHERE s.parts > 0 AND c.{Identifier.Quote(rule.Column.Name)} IS DISTINCT FROM s.total)
            SELECT count(*), ARRAY(SELECT key FROM offender LIMIT {IntegrityQuery.SampleSize}) FROM offender
            """;
    }
}
