using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>
/// What is truly about shops: a table of lines (product_name, quantity, unit_price) whose parent has an amount. The lines of a
/// transaction are dealt out to it, so that its amount can be known before they are made.
/// </summary>
/// <param name="Lines">The table of lines.</param>
/// <param name="ToTransaction">Its foreign key to the table with the amount.</param>
internal sealed record ShopLines(TableModel Lines, ForeignKeyModel ToTransaction)
{
    public const string Product = "product_name";
    public const string Quantity = "quantity";
    public const string UnitPrice = "unit_price";
    public const string Amount = "amount";

    /// <summary>The lines of a model, or null when it is not about a shop.</summary>
    public static ShopLines? Find(StreamModel model)
    {
        foreach (var table in model.Tables)
        {
            if (Is(table, Product, ColumnKind.VarChar) && Is(table, Quantity, ColumnKind.Integer) && IsMoney(table, UnitPrice))
            {
                var key = table.ForeignKeys.FirstOrDefault(key => IsMoney(model.Table(key.ParentTable), Amount));
                if (key is not null)
                {
                    return new ShopLines(table, key);
                }
            }
        }

        return null;
    }

    private static bool Is(TableModel table, string column, ColumnKind kind) =>
        table.Columns.Any(candidate => candidate.Name == column && candidate.Type.Kind == kind);

    // Prices have hundredths: a column that would round them could not hold the sum.
    private static bool IsMoney(TableModel table, string column) =>
        table.Columns.Any(candidate =>
            candidate.Name == column && candidate.Type is { Kind: ColumnKind.Decimal } type && (type.Scale ?? (type.Precision is null ? 2 : 0)) >= 2);
}
