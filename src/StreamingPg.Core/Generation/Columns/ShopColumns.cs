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

/// <summary>The amount of a transaction: the sum of quantity times unit price over the lines that the batch makes for it.</summary>
/// <param name="partition">Which lines a transaction gets; null when the batch makes none for new transactions.</param>
/// <param name="quantity">Quantity of a line.</param>
/// <param name="price">Price of a line, in hundredths.</param>
internal sealed class AmountColumn(Partition? partition, IntegerColumn quantity, UnitPriceColumn price) : ColumnGenerator
{
    // Rows far outside any batch: a transaction without lines gets the amount of one that nobody will see.
    private const long UnseenLines = 1L << 40;

    /// <summary>The sum over lines, in hundredths.</summary>
    public long SumOf(RowRange lines)
    {
        long sum = 0;
        for (var line = lines.From; line < lines.To; line++)
        {
            sum += (long)quantity.At(line) * price.At(line);
        }

        return sum;
    }

    public override void Write(RowWriter writer, long row)
    {
        var lines = partition?.ChildrenOf(row) ?? default;
        writer.WriteNumeric(SumOf(lines.Count > 0 ? lines : new RowRange(UnseenLines + row, UnseenLines + row + 1)), 2);
    }
}
