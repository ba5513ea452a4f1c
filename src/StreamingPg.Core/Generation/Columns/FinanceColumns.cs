using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>International bank account numbers with right check digits.</summary>
/// <remarks>ISO 13616 and ISO 7064, MOD 97-10: the account, the country and 00, letters counted from A = 10, leave a remainder; 98
/// less the remainder are the check digits. Structures as in SWIFT's IBAN registry; check digits within a country's own part are
/// not computed.</remarks>
internal sealed class IbanColumn : ColumnGenerator, IIndexed
{
    // A is a letter, 9 a digit, X one of both.
    private static readonly Dictionary<string, string> ByCountry = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AT"] = "9999999999999999",
        ["BE"] = "999999999999",
        ["CH"] = "99999XXXXXXXXXXXX",
        ["CZ"] = "99999999999999999999",
        ["DE"] = "999999999999999999",
        ["DK"] = "99999999999999",
        ["ES"] = "99999999999999999999",
        ["FI"] = "99999999999999",
        ["FR"] = "9999999999XXXXXXXXXXX99",
        ["GB"] = "AAAA99999999999999",
        ["IE"] = "AAAA99999999999999",
        ["IT"] = "A9999999999XXXXXXXXXXXX",
        ["LU"] = "999XXXXXXXXXXXXX",
        ["NL"] = "AAAA9999999999",
        ["NO"] = "99999999999",
        ["PL"] = "999999999999999999999999",
        ["PT"] = "999999999999999999999",
        ["SE"] = "99999999999999999999",
    };

    private const string Characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private readonly CountedRandom _random;
    private readonly CountedRandom _more;
    private readonly string _country;
    private readonly string _structure;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public IbanColumn(CountedRandom random, string country, int? length)
    {
        _random = random;
        _more = random.Derive("more");
        _country = country.ToUpperInvariant();
        _structure = ByCountry[country];
        if (length < _structure.Length + 4)
        {
            throw new FormatException($"an IBAN of {_country} has {_structure.Length + 4} characters, but the column takes only {length}");
        }
    }

    /// <summary>The countries whose structure is known.</summary>
    public static IReadOnlyList<string> Countries => [.. ByCountry.Keys];

    public long Count => (long)Math.Min(IIndexed.MostValues, _structure.Aggregate(1.0, (count, kind) => count * Range(kind).Count));

    // 64 bits do not hold the longest accounts: two halves, each with bits of its own.
    public override void Write(RowWriter writer, long row) => Write(writer, _random.Bits(row), _more.Bits(row));

    public void WriteIndex(RowWriter writer, long index) => Write(writer, (ulong)index, 0);

    private static (int First, int Count) Range(char kind) => kind switch
    {
        '9' => (0, 10),
        'A' => (10, 26),
        _ => (0, 36),
    };

    private void Write(RowWriter writer, ulong bits, ulong moreBits)
    {
        Span<byte> account = stackalloc byte[34];
        account = account[.._structure.Length];
        var value = new UInt128(moreBits, bits);
        for (var place = 0; place < account.Length; place++)
        {
            var (first, count) = Range(_structure[place]);
            (value, var character) = UInt128.DivRem(value, (UInt128)count);
            account[place] = (byte)Characters[first + (int)character];
        }

        var check = 98 - Remainder(account, _country);
        var start = writer.BeginField();
        writer.Append((byte)_country[0]);
        writer.Append((byte)_country[1]);
        writer.Append((byte)('0' + (check / 10)));
        writer.Append((byte)('0' + (check % 10)));
        writer.Append(account);
        writer.EndField(start);
    }

    private static int Remainder(ReadOnlySpan<byte> account, string country)
    {
        var remainder = 0;
        foreach (var character in account)
        {
            remainder = Add(remainder, (char)character);
        }

        remainder = Add(Add(remainder, country[0]), country[1]);
        return remainder * 100 % 97;
    }

    private static int Add(int remainder, char character) => char.IsAsciiDigit(character)
        ? ((remainder * 10) + character - '0') % 97
        : ((remainder * 100) + character - 'A' + 10) % 97;
}

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
            throw new FormatException($"a card number has {_length} digits, but the column takes only {length}");
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
