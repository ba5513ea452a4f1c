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
    private readonly ColumnKind _kind;

    /// <param name="products">The products of the rows.</param>
    /// <param name="catalogue">All products.</param>
    /// <param name="type">Type of the column.</param>
    /// <param name="most">No price is higher; null for no limit but the type's.</param>
    public UnitPriceColumn(PooledTextColumn products, IReadOnlyList<Product> catalogue, ColumnType type, decimal? most = null)
    {
        _products = products;
        _kind = type.Kind;
        _prices = [.. catalogue.Select(product => Fit(product.PriceInCents, type, most))];
        (Minimum, Maximum) = (_prices.Min(), _prices.Max());
    }

    /// <summary>The lowest price, in hundredths.</summary>
    public int Minimum { get; }

    /// <summary>The highest price, in hundredths.</summary>
    public int Maximum { get; }

    /// <summary>The price of a row, in hundredths.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(long row) => _prices[_products.Choose(row)];

    public override void Write(RowWriter writer, long row)
    {
        switch (_kind)
        {
            case ColumnKind.Real:
                writer.WriteSingle(At(row) / 100f);
                break;
            case ColumnKind.DoublePrecision:
                writer.WriteDouble(At(row) / 100.0);
                break;
            default:
                writer.WriteNumeric(At(row), 2);
                break;
        }
    }

    // A narrow column takes a tenth, or a hundredth, of the price, and one without cents takes none: still one price per product.
    private static int Fit(int price, ColumnType type, decimal? most)
    {
        while (price > 0 && price / 100m > most)
        {
            price /= 10;
        }

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

/// <summary>Article numbers whose last digit checks the others.</summary>
/// <remarks>GS1 General Specifications: from the right, the digits before the check digit count three times and once in turns; with it the sum ends in 0.</remarks>
internal sealed class BarcodeColumn : ColumnGenerator, IIndexed
{
    private const int Long = 13;
    private const int Short = 8;

    private readonly CountedRandom _random;
    private readonly int _length;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public BarcodeColumn(CountedRandom random, int? length)
    {
        _random = random;
        _length = length < Long ? Short : Long;
        Count = 9 * (long)Math.Pow(10, _length - 2);
        if (length < Short)
        {
            throw new FormatException($"an article number has at least {Short} digits, but the column takes only {length}");
        }
    }

    public long Count { get; }

    public override void Write(RowWriter writer, long row) => WriteIndex(writer, _random.Below(row, Count));

    /// <summary>The first digit is never 0, so that a number is as long as its text.</summary>
    public void WriteIndex(RowWriter writer, long index)
    {
        Span<byte> digits = stackalloc byte[Long];
        digits = digits[.._length];
        var (number, sum) = (index + (Count / 9), 0);
        for (var place = _length - 2; place >= 0; place--)
        {
            (number, var digit) = Math.DivRem(number, 10);
            sum += (int)digit * ((_length - place) % 2 == 0 ? 3 : 1);
            digits[place] = (byte)('0' + digit);
        }

        digits[^1] = (byte)('0' + ((10 - (sum % 10)) % 10));
        writer.WriteBytes(digits);
    }
}

/// <summary>A sum of quantity times unit price over the lines that the batch makes for a row.</summary>
/// <param name="partition">Which lines a row gets; null when the batch makes none for new rows.</param>
/// <param name="quantity">Quantity of a line.</param>
/// <param name="price">Price of a line, in hundredths.</param>
/// <param name="isOfOneIfNone">True when a row without lines gets the amount of one that nobody will see, and not 0.</param>
internal sealed class AmountColumn(Partition? partition, IntegerColumn quantity, UnitPriceColumn price, bool isOfOneIfNone) : ColumnGenerator
{
    /// <summary>Rows far outside any batch, which nobody will see.</summary>
    public const long UnseenLines = 1L << 40;

    /// <summary>True when a column can hold such a sum, and each line has its parent.</summary>
    public static bool Fits(ColumnModel sum, IEnumerable<ColumnModel> key) =>
        sum.Type is { Kind: ColumnKind.Decimal } type && (type.Scale ?? (type.Precision is null ? 2 : 0)) >= 2 && key.All(static column => column.NullRatio == 0);

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
        writer.WriteNumeric(SumOf(lines.Count > 0 || !isOfOneIfNone ? lines : new RowRange(UnseenLines + row, UnseenLines + row + 1)), 2);
    }
}
