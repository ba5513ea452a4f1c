using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>International bank account numbers of the row's country, with right check digits.</summary>
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

    // 64 bits hold 12 characters: the others have bits of their own.
    private const int CharactersOfBits = 12;

    private readonly CountedRandom _random;
    private readonly CountedRandom _more;
    private readonly PlaceDraw _place;
    private readonly (string Country, string Structure)[] _structures;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public IbanColumn(CountedRandom random, PlaceDraw place, int? length)
    {
        _random = random;
        _more = random.Derive("more");
        _place = place;
        _structures = [.. place.Places.Places.Select(known => known.Country.Code).Select(country =>
            ByCountry.TryGetValue(country, out var structure) ? (country, structure) : ("NO", ByCountry["NO"]))];
        Count = _structures.Min(own => CountOf(own.Structure));
        foreach (var (country, structure) in _structures.Where(own => length < own.Structure.Length + 4))
        {
            throw new FormatException($"an IBAN of {country} has {structure.Length + 4} characters, but the column takes only {length}");
        }
    }

    /// <summary>The countries whose structure is known.</summary>
    public static IReadOnlyList<string> Countries => [.. ByCountry.Keys];

    /// <summary>The countries whose numbers are no longer than a column takes.</summary>
    public static IReadOnlyList<string> CountriesFor(int? length) =>
        [.. ByCountry.Where(own => own.Value.Length + 4 <= (length ?? int.MaxValue)).Select(own => own.Key)];

    public long Count { get; }

    public override void Write(RowWriter writer, long row)
    {
        var (country, structure) = _structures[_place.At(row)];
        Span<byte> account = stackalloc byte[structure.Length];
        var bits = _random.Bits(row);
        for (var place = 0; place < account.Length; place++)
        {
            bits = place == CharactersOfBits ? _more.Bits(row) : bits;
            var (first, count) = Range(structure[place]);
            account[place] = (byte)Characters[first + (int)Math.BigMul(bits, (ulong)count, out bits)];
        }

        Write(writer, country, account);
    }

    public void WriteIndex(RowWriter writer, long index) => WriteIndex(writer, index, 0);

    /// <summary>Two numbers never have the same account, in whichever country the row is.</summary>
    public void WriteIndex(RowWriter writer, long index, long row)
    {
        var (country, structure) = _structures[_place.At(row)];
        Span<byte> account = stackalloc byte[structure.Length];
        for (var place = 0; place < account.Length; place++)
        {
            var (first, count) = Range(structure[place]);
            (index, var character) = Math.DivRem(index, count);
            account[place] = (byte)Characters[first + (int)character];
        }

        Write(writer, country, account);
    }

    private static long CountOf(string structure) => (long)Math.Min(IIndexed.MostValues, structure.Aggregate(1.0, (count, kind) => count * Range(kind).Count));

    private static (int First, int Count) Range(char kind) => kind switch
    {
        '9' => (0, 10),
        'A' => (10, 26),
        _ => (0, 36),
    };

    private static void Write(RowWriter writer, string country, ReadOnlySpan<byte> account)
    {
        var check = 98 - Remainder(account, country);
        var start = writer.BeginField();
        writer.Append((byte)country[0]);
        writer.Append((byte)country[1]);
        writer.Append((byte)('0' + (check / 10)));
        writer.Append((byte)('0' + (check % 10)));
        writer.Append(account);
        writer.EndField(start);
    }

    private static int Remainder(ReadOnlySpan<byte> account, string country)
    {
        ulong remainder = 0;
        foreach (var character in account)
        {
            remainder = Add(remainder, (char)character);
        }

        remainder = Add(Add(remainder, country[0]), country[1]);
        return (int)(remainder % 97 * 100 % 97);
    }

    /// <summary>Divides only now and then: 64 bits hold more than one character.</summary>
    private static ulong Add(ulong remainder, char character)
    {
        remainder = remainder > 100_000_000_000_000 ? remainder % 97 : remainder;
        return char.IsAsciiDigit(character) ? (remainder * 10) + character - '0' : (remainder * 100) + character - 'A' + 10;
    }
}

/// <summary>Bank codes of the row's country (ISO 9362).</summary>
internal sealed class BicColumn(CountedRandom random, PlaceDraw place) : ColumnGenerator
{
    private readonly Utf8Pool _countries = place.Places.Texts(PlaceText.CountryCode);

    public override void Write(RowWriter writer, long row)
    {
        var bits = random.Bits(row);
        var start = writer.BeginField();
        Letters(writer, 4, ref bits);
        writer.Append(_countries[place.At(row)]);
        Letters(writer, 2, ref bits);
        writer.EndField(start);
    }

    private static void Letters(RowWriter writer, int count, ref ulong bits)
    {
        for (var letter = 0; letter < count; letter++)
        {
            writer.Append((byte)('A' + (int)Math.BigMul(bits, 26, out bits)));
        }
    }
}

/// <summary>Numbers of companies for value added tax, of the row's country, with right check digits.</summary>
internal sealed class VatNumberColumn : ColumnGenerator, IIndexed
{
    private readonly CountedRandom _random;
    private readonly PlaceDraw _place;
    private readonly VatNumber[] _numbers;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public VatNumberColumn(CountedRandom random, PlaceDraw place, int? length)
    {
        (_random, _place) = (random, place);
        _numbers = [.. place.Places.Places.Select(known => VatNumber.Of(known.Country.Code))];
        Count = _numbers.Min(number => number.Count);
        if (_numbers.FirstOrDefault(number => length < number.Length) is { } longest)
        {
            throw new FormatException($"a VAT number of {longest.Country} has {longest.Length} characters, but the column takes only {length}");
        }
    }

    public long Count { get; }

    public override void Write(RowWriter writer, long row)
    {
        var number = _numbers[_place.At(row)];
        number.Write(writer, _random.Below(row, number.Count));
    }

    public void WriteIndex(RowWriter writer, long index) => WriteIndex(writer, index, 0);

    public void WriteIndex(RowWriter writer, long index, long row) => _numbers[_place.At(row)].Write(writer, index);
}
