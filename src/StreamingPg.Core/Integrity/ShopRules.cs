using StreamingPg.Core.Keys;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>
/// The business rules, all of them warnings. They know columns by what a shop calls them (quantity, unit_price, amount, age,
/// email); a table without such a column has no such rule. The order of times follows the foreign keys of any model.
/// </summary>
internal static class ShopRules
{
    private const string Age = "age";

    /// <summary>The column that no two rows should share a value of.</summary>
    public const string Email = "email";

    /// <summary>The rules that one row and its parents keep or break.</summary>
    public static IEnumerable<RowCheck> RowChecks(StreamModel model, TableModel table) =>
    [
        .. TimeOrder(model, table),
        .. Range(table, LineItems.Quantity, "<= 0", "zero, negative or not a number"),
        .. Range(table, LineItems.UnitPrice, "< 0", "negative or not a number"),
        .. Range(table, LineItems.Amount, "< 0", "negative or not a number"),
        .. Range(table, Age, "NOT BETWEEN 0 AND 130", "outside 0 to 130"),
    ];

    private static IEnumerable<RowCheck> TimeOrder(StreamModel model, TableModel table)
    {
        // What holds along both legs of a shared ancestor holds for the straight way too: a fault is reported once.
        var implied = SharedAncestor.Of(model, table)
            .Where(shared => shared.PassesTimeOn(model, table)).Select(shared => shared.Straight).ToHashSet();
        return
            from key in table.ForeignKeys
            where !implied.Contains(key) && !key.IsLoadedLater
            let time = RowTimestamp.Of(table)
            let parentTime = RowTimestamp.Of(model.Table(key.ParentTable))
            where time is not null && parentTime is not null
            let text = new CheckText(
                $"{CheckKind.TimeOrder} {table.Name}.{time.Name} >= {key.ParentTable}.{parentTime.Name}",
                IntegritySeverity.Warning,
                $"Rows whose \"{time.Name}\" is earlier than the \"{parentTime.Name}\" of their parent in \"{key.ParentTable}\".")
            select new RowCheck(
                text,
                $"{InUtc("c", time)} < {InUtc("p", parentTime)}",
                key);
    }

    private static string InUtc(string alias, ColumnModel time) =>
        $"{alias}.{Identifier.Quote(time.Name)}{(time.Type.Kind == ColumnKind.TimestampTz ? " AT TIME ZONE 'UTC'" : "")}";

    /// <summary>True when a table has a column of numbers of that name.</summary>
    public static bool HasNumber(TableModel table, string column) => table.HasColumn(column) && table.Column(column).Type.IsNumber;

    /// <summary>NaN and infinity are greater than any number to the server, and no quantity, price or amount.</summary>
    private static string Offends(string column, ColumnType type, string offends) =>
        type.WithoutSequence().Kind is ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision
            ? $"{column} {offends} OR {column} >= 'Infinity'"
            : $"{column} {offends}";

    private static IEnumerable<RowCheck> Range(TableModel table, string column, string offends, string meaning) =>
        HasNumber(table, column)
            ? [new RowCheck(
                new CheckText($"{CheckKind.Range} {table.Name}.{column}", IntegritySeverity.Warning, $"Rows whose \"{column}\" is {meaning}."),
                Offends($"c.{Identifier.Quote(column)}", table.Column(column).Type, offends))]
            : [];
}
