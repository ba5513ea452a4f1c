using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The list price of the row's product.</summary>
internal sealed class UnitPriceColumn : ColumnGenerator
{
    private readonly PooledTextColumn _products;
    private readonly int[] _prices;

    public UnitPriceColumn(PooledTextColumn products, IReadOnlyList<Product> catalogue, ColumnType type)
    {
        _products = products;
        _prices = [.. catalogue.Select(product => Fit(product.PriceInCents, type))];
        Maximum = _prices.Max();
    }

    /// <summary>The highest price, in hundredths.</summary>
    public int Maximum { get; }

    /// <summary>The price of a row, in hundredths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(long row) => _prices[_products.Choose(row)];

    public override void Write(RowWriter writer, long row) => writer.WriteNumeric(At(row), 2);

    // A narrow column takes a tenth, or a hundredth, of the price, and one without cents takes none: still one price per product.
    private static int Fit(int price, ColumnType type)
    {
        if (type is not { Precision: { } precision, Scale: { } scale })
        {
            return price;
        }

        while (price >= Math.Pow(10, precision - scale + 2))
        {
            price /= 10;
        }

        return scale >= 2 ? price : price - (price % (scale == 0 ? 100 : 10));
    }
}
