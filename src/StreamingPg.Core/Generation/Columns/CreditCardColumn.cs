using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Card numbers whose last digit checks the others.</summary>
/// <remarks>ISO/IEC 7812-1, annex B (Luhn's formula): from the right, every second digit is doubled and its digits are added; the
/// sum ends in 0.</remarks>
internal sealed class CreditCardColumn : ColumnGenerator, IIndexed
{
    private static readonly Dictionary<string, (string Prefix, int Length)> ByBrand = new(StringComparer.OrdinalIgnoreCase)
    {
        ["visa"] = ("4", 16),
        ["mastercard"] = ("51", 16),
        ["amex"] = ("37", 15),
        ["discover"] = ("6011", 16),
    };

    private readonly CountedRandom _random;
    private readonly string _prefix;
    private readonly int _length;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public CreditCardColumn(CountedRandom random, string brand, int? length)
    {
        _random = random;
        (_prefix, _length) = ByBrand[brand];
        Count = (long)Math.Pow(10, _length - _prefix.Length - 1);
        if (length < _length)
        {
            throw new FormatException($"a card number has {_length} digits, and the column takes {length}");
        }
    }

    /// <summary>The kinds of cards.</summary>
    public static IReadOnlyList<string> Brands => [.. ByBrand.Keys];

    public long Count { get; }

    public override void Write(RowWriter writer, long row) => WriteIndex(writer, _random.Below(row, Count));

    public void WriteIndex(RowWriter writer, long index)
    {
        Span<byte> digits = stackalloc byte[16];
        digits = digits[.._length];
        for (var place = _length - 2; place >= 0; place--)
        {
            (index, var digit) = Math.DivRem(index, 10);
            digits[place] = (byte)(place < _prefix.Length ? _prefix[place] : '0' + digit);
        }

        digits[^1] = (byte)('0' + CheckDigit(digits[..^1]));
        writer.WriteBytes(digits);
    }

    private static int CheckDigit(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var place = 0; place < digits.Length; place++)
        {
            var digit = digits[^(place + 1)] - '0';
            var counted = place % 2 == 0 ? 2 * digit : digit;
            sum += (counted / 10) + (counted % 10);
        }

        return (10 - (sum % 10)) % 10;
    }
}
