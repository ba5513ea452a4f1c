using System.Globalization;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Checks VAT numbers as a tax office does: what is written, not how it was made.</summary>
internal static class VatNumbers
{
    public static bool IsValid(string number)
    {
        var text = number[2..];
        int[] digit = [.. text.Where(char.IsAsciiDigit).Select(character => character - '0')];
        return number[..2] switch
        {
            "AT" => text[0] == 'U' && digit.Length == 8 && (10 - ((Doubled(digit[..7], 1) + 4) % 10)) % 10 == digit[7],
            "BE" => digit.Length == 10 && (Whole(digit[..8]) + Whole(digit[8..])) % 97 == 0,
            "CH" => text[0] == 'E' && digit.Length == 9 && Sum(digit, 5, 4, 3, 2, 7, 6, 5, 4, 1) % 11 == 0,
            "CZ" => digit.Length == 8 && (Sum(digit[..7], 8, 7, 6, 5, 4, 3, 2) % 11) switch { 0 => 1, 1 => 0, var rest => 11 - rest } == digit[7],
            "DE" => digit.Length == 9 && IsOfMod1110(digit),
            "DK" => digit.Length == 8 && Sum(digit, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0,
            "ES" => text[0] == 'B' && digit.Length == 8 && (Doubled(digit[..7], 0) + digit[7]) % 10 == 0,
            "FI" => digit.Length == 8 && Sum(digit, 7, 9, 10, 5, 8, 4, 2, 1) % 11 == 0,
            "FR" => digit.Length == 11 && (Doubled(digit[2..10], 1) + digit[10]) % 10 == 0 && (12 + (3 * (Whole(digit[2..]) % 97))) % 97 == Whole(digit[..2]),
            "GB" => digit.Length == 9 && (Sum(digit[..7], 8, 7, 6, 5, 4, 3, 2) + Whole(digit[7..])) % 97 == 0,
            "IE" => digit.Length == 7 && "WABCDEFGHIJKLMNOPQRSTUV"[Sum(digit, 8, 7, 6, 5, 4, 3, 2) % 23] == text[^1],
            "IT" => digit.Length == 11 && (Doubled(digit[..10], 1) + digit[10]) % 10 == 0 && Whole(digit[7..10]) is >= 1 and <= 100,
            "LU" => digit.Length == 8 && Whole(digit[..6]) % 89 == Whole(digit[6..]),
            "NL" => text[9..] == "B01" && Sum(digit[..9], 9, 8, 7, 6, 5, 4, 3, 2, -1) % 11 == 0,
            "NO" => text.EndsWith("MVA", StringComparison.Ordinal) && digit.Length == 9 && Sum(digit, 3, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0,
            "PL" => digit.Length == 10 && Sum(digit, 6, 5, 7, 2, 3, 4, 5, 6, 7, -1) % 11 == 0,
            "PT" => digit.Length == 9 && (Sum(digit[..8], 9, 8, 7, 6, 5, 4, 3, 2) % 11) switch { 0 or 1 => 0, var rest => 11 - rest } == digit[8],
            "SE" => digit.Length == 12 && text.EndsWith("01", StringComparison.Ordinal) && (Doubled(digit[..9], 0) + digit[9]) % 10 == 0,
            _ => false,
        };
    }

    private static long Whole(int[] digits) => long.Parse(string.Concat(digits), CultureInfo.InvariantCulture);

    private static int Sum(int[] digits, params int[] weights) => digits.Zip(weights, (digit, weight) => digit * weight).Sum();

    private static int Doubled(int[] digits, int first) => digits.Select((digit, place) => place % 2 == first ? (2 * digit / 10) + (2 * digit % 10) : digit).Sum();

    private static bool IsOfMod1110(int[] digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (digit + product) % 10;
            product = 2 * (sum == 0 ? 10 : sum) % 11;
        }

        return (product + digits[^1]) % 11 == 1 || (11 - product) % 10 == digits[^1];
    }
}
