using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The card that a row is about.</summary>
/// <param name="random">Random stream of the card.</param>
/// <param name="brand">The brand of all cards; null for some of each.</param>
internal sealed class CardDraw(CountedRandom random, string? brand)
{
    // Prefix and digits as in ISO/IEC 7812; weights as there are cards of each, roughly.
    private static readonly (string Name, string Text, string Prefix, int Length, int Weight)[] All =
    [
        ("visa", "Visa", "4", 16, 50), ("mastercard", "Mastercard", "51", 16, 35), ("amex", "American Express", "37", 15, 10), ("discover", "Discover", "6011", 16, 5),
    ];

    private static readonly byte[] ByWeight = [.. All.SelectMany((card, index) => Enumerable.Repeat((byte)index, card.Weight))];

    private readonly int _fixed = Array.FindIndex(All, card => card.Name.Equals(brand, StringComparison.OrdinalIgnoreCase));

    /// <summary>The brands, as metadata names them.</summary>
    public static IReadOnlyList<string> Brands => [.. All.Select(card => card.Name)];

    /// <summary>The names of the brands, in the order of their numbers.</summary>
    public static Utf8Pool Texts { get; } = new([.. All.Select(card => card.Text)]);

    /// <summary>The same names for a column with little room.</summary>
    public static Utf8Pool ShortTexts { get; } = new(["visa", "mc", "amex", "disc"]);

    /// <summary>The number of a row's brand.</summary>
    public int At(long row) => _fixed >= 0 ? _fixed : ByWeight[random.Below(row, ByWeight.Length)];

    /// <summary>The first digits of a brand, and how many there are.</summary>
    public static (string Prefix, int Length) Structure(int brand) => (All[brand].Prefix, All[brand].Length);
}

/// <summary>The brand of a row's card.</summary>
internal sealed class CardBrandColumn(CardDraw card, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _texts = (length < CardDraw.Texts.Values.Max(text => text.Length) ? CardDraw.ShortTexts : CardDraw.Texts).Fit(length);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_texts[card.At(row)]);
}

/// <summary>Card numbers whose last digit checks the others.</summary>
/// <remarks>ISO/IEC 7812-1, annex B (Luhn's formula): from the right, every second digit is doubled and its digits are added; the
/// sum ends in 0.</remarks>
internal sealed class CreditCardColumn : ColumnGenerator, IIndexed
{
    private const int MostDigits = 16;
    private const int FirstDigits = 9;

    private readonly CountedRandom _random;
    private readonly CardDraw _card;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public CreditCardColumn(CountedRandom random, CardDraw card, int? length)
    {
        _random = random;
        _card = card;
        if (length < MostDigits)
        {
            throw new FormatException($"a card number has {MostDigits} digits, but the column takes only {length}");
        }
    }

    // As many as the brand with the longest prefix has.
    public long Count => 100_000_000_000;

    public override void Write(RowWriter writer, long row)
    {
        Span<byte> digits = stackalloc byte[MostDigits];
        var (prefix, length) = CardDraw.Structure(_card.At(row));
        var free = length - prefix.Length - 1;

        // Two parts whose values 32 bits hold.
        var first = (uint)Math.BigMul(_random.Bits(row), 1_000_000_000, out var bits);
        Fill(digits.Slice(prefix.Length, FirstDigits), first);
        Fill(digits.Slice(prefix.Length + FirstDigits, free - FirstDigits), (uint)(bits >> 32));
        Write(writer, digits[..length], prefix);
    }

    public void WriteIndex(RowWriter writer, long index) => WriteIndex(writer, index, 0);

    /// <summary>Two numbers never have the same digits, whichever the brand of the row.</summary>
    public void WriteIndex(RowWriter writer, long index, long row)
    {
        Span<byte> digits = stackalloc byte[MostDigits];
        var (prefix, length) = CardDraw.Structure(_card.At(row));
        for (var place = length - 2; place >= prefix.Length; place--)
        {
            (index, var digit) = Math.DivRem(index, 10);
            digits[place] = (byte)('0' + digit);
        }

        Write(writer, digits[..length], prefix);
    }

    private static void Write(RowWriter writer, Span<byte> digits, string prefix)
    {
        for (var place = 0; place < prefix.Length; place++)
        {
            digits[place] = (byte)prefix[place];
        }

        digits[^1] = (byte)('0' + CheckDigit(digits[..^1]));
        writer.WriteBytes(digits);
    }

    private static void Fill(Span<byte> digits, uint value)
    {
        for (var place = digits.Length - 1; place >= 0; place--, value /= 10)
        {
            digits[place] = (byte)('0' + (value % 10));
        }
    }

    private static int CheckDigit(ReadOnlySpan<byte> digits)
    {
        // From the right, the first one is doubled.
        ReadOnlySpan<byte> doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        var sum = 0;
        for (var place = digits.Length - 1; place >= 0; place -= 2)
        {
            sum += doubled[digits[place] - '0'];
        }

        for (var place = digits.Length - 2; place >= 0; place -= 2)
        {
            sum += digits[place] - '0';
        }

        return (10 - (sum % 10)) % 10;
    }
}

/// <summary>Months in which cards expire, within five years after the reference time: <c>MM/YY</c>, or <c>MMYY</c> where there is little room.</summary>
internal sealed class CardExpiryColumn : ColumnGenerator
{
    private const int Months = 60;

    private readonly CountedRandom _random;
    private readonly Utf8Pool _texts;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public CardExpiryColumn(CountedRandom random, DateTime referenceTime, int? length)
    {
        _random = random;
        _texts = length is < 4
            ? throw new FormatException($"the month of a card has 4 characters, but the column takes only {length}")
            : new Utf8Pool([.. Enumerable.Range(1, Months).Select(month => referenceTime.AddMonths(month)
                .ToString(length is 4 ? "MMyy" : "MM'/'yy", System.Globalization.CultureInfo.InvariantCulture))]);
    }

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_texts[(int)_random.Below(row, _texts.Count)]);
}
