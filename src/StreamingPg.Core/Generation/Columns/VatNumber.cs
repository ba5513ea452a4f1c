using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The structure of a country's VAT numbers: digits that are free, and those that check them.</summary>
/// <remarks>Structures as the European Commission's VIES and the tax offices of Great Britain, Norway and Switzerland describe them. In some
/// countries not every digit has a check digit: the last free digit is then another one.</remarks>
internal sealed class VatNumber
{
    private const int MostCharacters = 24;

    // Of MOD 11,10, by product and digit.
    private static readonly byte[] NextProduct = [.. Enumerable.Range(0, 110).Select(entry => (byte)NextProductOf(entry / 10, entry % 10))];

    private static readonly Dictionary<string, VatNumber> ByCountry = new[]
    {
        new VatNumber("AT", "ATU", 7, digits => Digit(96 - Luhn(digits, doubled: 1))),
        new VatNumber("BE", "BE0", 7, digits => 97 - (Number(digits) % 97)) { CheckDigits = 2 },
        new VatNumber("CH", "CHE", 8, digits => Eleven(Weighted(digits, 5, 4, 3, 2, 7, 6, 5, 4))),
        new VatNumber("CZ", "CZ", 7, digits => (11 - (Weighted(digits, 8, 7, 6, 5, 4, 3, 2) % 11)) % 10),
        new VatNumber("DE", "DE", 8, Mod1110),
        new VatNumber("DK", "DK", 7, digits => Eleven(Weighted(digits, 2, 7, 6, 5, 4, 3, 2))),
        new VatNumber("ES", "ESB", 7, digits => Digit(100 - Luhn(digits, doubled: 0))),
        new VatNumber("FI", "FI", 7, digits => Eleven(Weighted(digits, 7, 9, 10, 5, 8, 4, 2))),
        new VatNumber("FR", "FR", 8, digits => Digit(100 - Luhn(digits, doubled: 1))) { IsFrench = true },
        new VatNumber("GB", "GB", 7, digits => 97 - (Weighted(digits, 8, 7, 6, 5, 4, 3, 2) % 97)) { CheckDigits = 2 },
        new VatNumber("IE", "IE", 7, digits => Weighted(digits, 8, 7, 6, 5, 4, 3, 2) % 23) { CheckDigits = 0 },
        new VatNumber("IT", "IT", 7, digits => Digit(100 - Luhn(digits, doubled: 1))) { Office = [0, 1, 5] },
        new VatNumber("LU", "LU", 6, digits => (int)(Number(digits) % 89)) { CheckDigits = 2 },
        new VatNumber("NL", "NL", 8, digits => Weighted(digits, 9, 8, 7, 6, 5, 4, 3, 2) % 11) { Suffix = "B01"u8.ToArray() },
        new VatNumber("NO", "NO", 8, digits => Eleven(Weighted(digits, 3, 2, 7, 6, 5, 4, 3, 2))) { Suffix = "MVA"u8.ToArray() },
        new VatNumber("PL", "PL", 9, digits => Weighted(digits, 6, 5, 7, 2, 3, 4, 5, 6, 7) % 11),
        new VatNumber("PT", "PT", 8, digits => Weighted(digits, 9, 8, 7, 6, 5, 4, 3, 2) % 11 is var rest and > 1 ? 11 - rest : 0),
        new VatNumber("SE", "SE", 9, digits => Digit(100 - Luhn(digits, doubled: 0))) { Suffix = "01"u8.ToArray() },
    }.ToDictionary(number => number.Country, StringComparer.OrdinalIgnoreCase);

    private readonly byte[] _prefix;
    private readonly int _digits;
    private readonly uint _least;
    private readonly Check _check;

    private VatNumber(string country, string prefix, int digits, Check check)
    {
        (Country, _prefix, _digits, _check) = (country, Encoding.ASCII.GetBytes(prefix), digits, check);
        Count = 8 * (long)Math.Pow(10, digits - 2);

        // A leading 0 or 1 says something else in some countries.
        _least = 2 * (uint)Math.Pow(10, digits - 1);
    }

    /// <summary>What checks digits; 10 or more where no digit does.</summary>
    private delegate long Check(ReadOnlySpan<byte> digits);

    /// <summary>The countries whose numbers are known.</summary>
    public static IReadOnlyList<string> Countries => [.. ByCountry.Keys];

    /// <summary>The country, ISO 3166-1.</summary>
    public string Country { get; }

    /// <summary>How many there are, without those that are kept for other purposes.</summary>
    public long Count { get; }

    /// <summary>Characters of each.</summary>
    public int Length => _prefix.Length + Office.Length + _digits + Math.Max(CheckDigits, 1) + (IsFrench ? 2 : 0) + Suffix.Length;

    private int CheckDigits { get; init; } = 1;

    private byte[] Suffix { get; init; } = [];

    /// <summary>Digits of a tax office, which stand before the check digit.</summary>
    private byte[] Office { get; init; } = [];

    /// <summary>True for two more check digits before the number.</summary>
    private bool IsFrench { get; init; }

    /// <summary>The numbers of a country; those of Germany where it has none.</summary>
    public static VatNumber Of(string country) => ByCountry.GetValueOrDefault(country) ?? ByCountry["DE"];

    /// <summary>Writes the number of an index from 0 to <see cref="Count"/> - 1.</summary>
    public void Write(RowWriter writer, long index)
    {
        Span<byte> text = stackalloc byte[MostCharacters];
        _prefix.CopyTo(text);
        var start = _prefix.Length + (IsFrench ? 2 : 0);
        var digits = text.Slice(start, _digits + Office.Length);
        var rest = ((uint)index * 10) + _least;
        for (var place = _digits - 1; place >= 0; place--, rest /= 10)
        {
            digits[place] = (byte)(rest % 10);
        }

        Office.CopyTo(digits[_digits..]);

        // The last free digit is the first that a check digit goes with.
        var check = _check(digits);
        while (CheckDigits == 1 && check > 9)
        {
            digits[_digits - 1]++;
            check = _check(digits);
        }

        if (IsFrench)
        {
            TwoDigits(text, _prefix.Length, (12 + (3 * (((Number(digits) * 10) + check) % 97))) % 97);
        }

        foreach (ref var digit in digits)
        {
            digit += (byte)'0';
        }

        var length = start + digits.Length;
        if (CheckDigits == 2)
        {
            length = TwoDigits(text, length, check);
        }
        else
        {
            text[length++] = (byte)(CheckDigits == 1 ? '0' + check : check == 0 ? 'W' : 'A' + check - 1);
        }

        Suffix.CopyTo(text[length..]);
        writer.WriteBytes(text[..(length + Suffix.Length)]);
    }

    private static int TwoDigits(Span<byte> text, int length, long number)
    {
        text[length] = (byte)('0' + (number / 10));
        text[length + 1] = (byte)('0' + (number % 10));
        return length + 2;
    }

    private static long Number(ReadOnlySpan<byte> digits)
    {
        long number = 0;
        foreach (var digit in digits)
        {
            number = (number * 10) + digit;
        }

        return number;
    }

    private static int Weighted(ReadOnlySpan<byte> digits, params ReadOnlySpan<int> weights)
    {
        var sum = 0;
        for (var place = 0; place < weights.Length; place++)
        {
            sum += digits[place] * weights[place];
        }

        return sum;
    }

    /// <summary>The sum of the digits, where every second one is doubled and its own digits are added.</summary>
    private static int Luhn(ReadOnlySpan<byte> digits, int doubled)
    {
        var sum = 0;
        for (var place = 0; place < digits.Length; place++)
        {
            var digit = place % 2 == doubled ? 2 * digits[place] : digits[place];
            sum += (digit / 10) + (digit % 10);
        }

        return sum;
    }

    private static long Digit(int number) => number % 10;

    private static long Eleven(int sum) => sum % 11 is 0 ? 0 : 11 - (sum % 11);

    /// <summary>ISO 7064, MOD 11,10.</summary>
    private static long Mod1110(ReadOnlySpan<byte> digits)
    {
        var product = 10;
        foreach (var digit in digits)
        {
            product = NextProduct[(product * 10) + digit];
        }

        return (11 - product) % 10;
    }

    private static int NextProductOf(int product, int digit) => 2 * ((digit + product) % 10 is 0 ? 10 : (digit + product) % 10) % 11;
}
