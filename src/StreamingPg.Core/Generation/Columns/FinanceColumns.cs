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

    private readonly CountedRandom _random;
    private readonly CountedRandom _more;
    private readonly PlaceDraw _place;
    private readonly (string Country, string Structure)[] _structures;
    private readonly AccountPart[][] _parts;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public IbanColumn(CountedRandom random, PlaceDraw place, int? length)
    {
        _random = random;
        _more = random.Derive("more");
        _place = place;
        _structures = [.. place.Places.Places.Select(known => known.Country.Code).Select(country =>
            ByCountry.TryGetValue(country, out var structure) ? (country, structure) : ("NO", ByCountry["NO"]))];
        _parts = [.. _structures.Select(own => AccountPart.Of(own.Structure))];
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
        var place = _place.At(row);
        var (country, structure) = _structures[place];
        Span<byte> account = stackalloc byte[structure.Length];
        var bits = 0UL;
        ulong remainder = 0;
        var parts = _parts[place];
        for (var part = 0; part < parts.Length; part++)
        {
            // 64 bits hold two parts.
            bits = part switch { 0 => _random.Bits(row), 2 => _more.Bits(row), 4 => _more.Bits(~row), _ => bits };
            remainder = parts[part].Fill(account, (uint)Math.BigMul(bits, parts[part].Count, out bits), remainder);
        }

        Write(writer, country, account, remainder);
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

        Write(writer, country, account, account.Length == 0 ? 0 : Remainder(account));
    }

    private static long CountOf(string structure) => (long)Math.Min(IIndexed.MostValues, structure.Aggregate(1.0, (count, kind) => count * Range(kind).Count));

    private static (int First, int Count) Range(char kind) => kind switch
    {
        '9' => (0, 10),
        'A' => (10, 26),
        _ => (0, 36),
    };

    private static void Write(RowWriter writer, string country, ReadOnlySpan<byte> account, ulong remainder)
    {
        var check = 98 - (Add(Add(remainder, country[0]), country[1]) * 100 % 97);
        var start = writer.BeginField();
        writer.Append([(byte)country[0], (byte)country[1], (byte)('0' + (check / 10)), (byte)('0' + (check % 10))]);
        writer.Append(account);
        writer.EndField(start);
    }

    private static ulong Remainder(ReadOnlySpan<byte> account)
    {
        ulong remainder = 0;
        foreach (var character in account)
        {
            remainder = Add(remainder, (char)character) % 97;
        }

        return remainder;
    }

    private static ulong Add(ulong remainder, char character) =>
        char.IsAsciiDigit(character) ? (remainder * 10) + character - '0' : (remainder * 100) + character - 'A' + 10;
}

/// <summary>Characters of an account that are of one kind and whose values 32 bits hold.</summary>
/// <param name="Start">Place of the first.</param>
/// <param name="Length">How many there are.</param>
/// <param name="First">The first character of the kind among digits and letters.</param>
/// <param name="Radix">How many characters the kind has.</param>
/// <param name="Count">How many values there are.</param>
internal readonly record struct AccountPart(int Start, int Length, int First, uint Radix, uint Count)
{
    private const int MostDigits = 9;
    private const int MostLetters = 6;

    private static readonly ulong[] Powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    /// <summary>The parts of a structure.</summary>
    public static AccountPart[] Of(string structure)
    {
        var parts = new List<AccountPart>();
        for (var start = 0; start < structure.Length;)
        {
            var kind = structure[start];
            var length = structure.AsSpan(start).IndexOfAnyExcept(kind) is var same and >= 0 ? same : structure.Length - start;
            length = Math.Min(length, kind == '9' ? MostDigits : MostLetters);
            var (first, radix) = kind switch { '9' => (0, 10u), 'A' => (10, 26u), _ => (0, 36u) };
            parts.Add(new AccountPart(start, length, first, radix, (uint)Math.Pow(radix, length)));
            start += length;
        }

        return [.. parts];
    }

    /// <summary>Writes the characters of a value and goes on with the remainder by 97.</summary>
    public ulong Fill(Span<byte> account, uint value, ulong remainder)
    {
        var own = account.Slice(Start, Length);
        if (Radix == 10)
        {
            remainder = ((remainder * Powers[Length]) + value) % 97;
            for (var place = own.Length - 1; place >= 0; place--, value /= 10)
            {
                own[place] = (byte)('0' + (value % 10));
            }

            return remainder;
        }

        for (var place = own.Length - 1; place >= 0; place--)
        {
            (value, var digit) = Math.DivRem(value, Radix);
            var character = First + (int)digit;
            own[place] = (byte)(character < 10 ? '0' + character : 'A' + character - 10);
        }

        foreach (var character in own)
        {
            remainder = character <= '9' ? (remainder * 10) + character - '0' : (remainder * 100) + character - 'A' + 10;
        }

        return remainder % 97;
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
