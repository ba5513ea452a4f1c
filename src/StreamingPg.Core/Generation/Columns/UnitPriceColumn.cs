using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The list price of the row's product.</summary>
internal sealed class UnitPriceColumn : ColumnGenerator
{
    private readonly PooledTextColumn _products;
    private readonly int[] _prices;

    public UnitPriceColumn(PooledTextColumn products, IReadOnlyList<Product> catalogue)
    {
        _products = products;
        _prices = [.. catalogue.Select(product => product.PriceInCents)];
        Maximum = _prices.Max();
    }

    /// <summary>The highest price, in hundredths.</summary>
    public int Maximum { get; }

    /// <summary>The price of a row, in hundredths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(long row) => _prices[_products.Choose(row)];

    public override void Write(RowWriter writer, long row) => writer.WriteNumeric(At(row), 2);
}
