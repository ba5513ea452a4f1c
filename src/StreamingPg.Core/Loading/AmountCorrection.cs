using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;

namespace StreamingPg.Core.Loading;

/// <summary>Sets the amount of transactions that were there before and got new lines to the sum of all their lines.</summary>
internal static class AmountCorrection
{
    public static async Task RunAsync(
        NpgsqlConnection open, string schema, ShopLines shop, BatchPlan plan, CancellationToken cancellationToken)
    {
        var existing = plan.Existing[shop.ToTransaction.ParentTable];
        var parent = Identifier.Quote(shop.ToTransaction.ParentColumns[0]);
        var child = Identifier.Quote(shop.ToTransaction.Columns[0]);
        var sql = $"""
            UPDATE {Identifier.Quote(schema, existing.Table.Name)} AS parent
            SET {Identifier.Quote(ShopLines.Amount)} = line.total
            FROM (SELECT {child} AS key, sum({Identifier.Quote(ShopLines.Quantity)} * {Identifier.Quote(ShopLines.UnitPrice)}) AS total
                  FROM {Identifier.Quote(schema, shop.Lines.Name)} WHERE {child} = ANY ($1) GROUP BY {child}) AS line
            WHERE parent.{parent} = line.key
            """;
        await using var command = new NpgsqlCommand(sql, open);
        command.Parameters.Add(new() { Value = existing.Keys() });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
