using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Sets the amount of transactions that were there before to the sum of all their lines, when a batch makes lines for them and
/// no transactions of its own.
/// </summary>
internal static class AmountCorrection
{
    public static void Ask(RoundTrip trip, string schema, BatchPlan plan)
    {
        if (ShopLines.Find(plan.Model) is not { } shop
            || plan.RowsOf(shop.Lines.Name) == 0
            || plan.RowsOf(shop.ToTransaction.ParentTable) > 0)
        {
            return;
        }

        var existing = plan.Existing[shop.ToTransaction.ParentTable];
        var parent = Identifier.Quote(shop.ToTransaction.ParentColumns[0]);
        var child = Identifier.Quote(shop.ToTransaction.Columns[0]);
        var keys = existing.KeysSql(schema, 1);
        var table = Identifier.Quote(schema, existing.Table.Name);

        // Locked first, in one order, and summed up by a statement of its own: it then sees the lines of every batch that held
        // the same transactions before.
        trip.Query(
            $"""
            SELECT count(*) FROM
                (SELECT FROM {table} AS parent WHERE {parent} = ANY ({keys}) ORDER BY {parent} FOR NO KEY UPDATE) AS locked
            """,
            _ => { },
            existing.Keys());
        trip.Add(
            $"""
            UPDATE {table} AS parent
            SET {Identifier.Quote(ShopLines.Amount)} = line.total
            FROM (SELECT {child} AS key, sum({Identifier.Quote(ShopLines.Quantity)} * {Identifier.Quote(ShopLines.UnitPrice)}) AS total
                  FROM {Identifier.Quote(schema, shop.Lines.Name)} WHERE {child} = ANY ({keys}) GROUP BY {child}) AS line
            WHERE parent.{parent} = line.key
            """,
            existing.Keys());
    }
}
