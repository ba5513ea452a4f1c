using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Numerics that .NET's decimal cannot hold, as the text that the server spells: of more than 28 digits, not a number, or infinite.
/// </summary>
internal static partial class NumericText
{
    private const int GroupDigits = 4;
    private const int DecimalDigits = 28;
    private const ushort Negative = 0x4000;
    private const ushort NotANumber = 0xC000;
    private const ushort Infinite = 0xD000;
    private const ushort NegativeInfinite = 0xF000;

    // The most that the server takes.
    private const int MostWholeDigits = 131_072;
    private const int MostFractionDigits = 16_383;

    /// <summary>True for text of which a decimal loses nothing, if it is a number at all.</summary>
    public static bool SuitsDecimal(string text) => text.Length <= DecimalDigits && !text.AsSpan().ContainsAny("eEnN");

    /// <summary>Writes a number of any size, rounded to the digits after the point that the column has.</summary>
    /// <exception cref="FormatException">It is no number, or does not fit; the message is the reason alone.</exception>
    public static void Write(RowWriter writer, string text, ColumnType type)
    {
        var name = text.Trim().ToLowerInvariant();
        switch (name)
        {
            case "nan":
                writer.WriteNumericSign(NotANumber);
                break;
            case "infinity" or "+infinity" or "inf" or "+inf" or "-infinity" or "-inf":
                writer.WriteNumericSign(type.Precision is not null ? throw new FormatException("a number with a precision cannot be infinite")
                    : name[0] == '-' ? NegativeInfinite : Infinite);
                break;
            default:
                WriteFinite(writer, name, type);
                break;
        }
    }

    /// <summary>The text of a numeric field.</summary>
    public static string Read(ReadOnlySpan<byte> field)
    {
        var weight = BinaryPrimitives.ReadInt16BigEndian(field[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(field[4..]);
        var scale = BinaryPrimitives.ReadInt16BigEndian(field[6..]);
        if (sign is not (0 or Negative))
        {
            return sign switch { Infinite => "Infinity", NegativeInfinite => "-Infinity", _ => "NaN" };
        }

        var whole = Groups(field, 0, weight).TrimStart('0');
        var fraction = Groups(field, weight + 1, weight + ((scale + GroupDigits - 1) / GroupDigits));
        return (sign == Negative ? "-" : "") + (whole.Length > 0 ? whole : "0") + (scale > 0 ? "." + fraction[..scale] : "");
    }

    /// <summary>The digits of some groups; those that a field does not have are zeros.</summary>
    private static string Groups(ReadOnlySpan<byte> field, int from, int to)
    {
        var count = BinaryPrimitives.ReadInt16BigEndian(field);
        var digits = new StringBuilder();
        for (var group = from; group <= to; group++)
        {
            var value = group >= 0 && group < count ? BinaryPrimitives.ReadUInt16BigEndian(field[(8 + (2 * group))..]) : 0;
            digits.Append(CultureInfo.InvariantCulture, $"{value:D4}");
        }

        return digits.ToString();
    }

    private static void WriteFinite(RowWriter writer, string text, ColumnType type)
    {
        var (digits, point) = Parse(text);
        var scale = Math.Clamp(type.Precision is null ? digits.Length - point : type.Scale ?? 0, 0, MostFractionDigits);
        (digits, point) = Round(digits, point, point + scale);
        if (digits.Length > 0 && point > (type.Precision - (type.Scale ?? 0) ?? MostWholeDigits))
        {
            throw new FormatException($"it is too large for {type.ToSql()}");
        }

        var weight = (int)Math.Floor((point - 1) / (double)GroupDigits);
        var padded = digits.PadLeft(digits.Length + ((weight + 1) * GroupDigits) - point, '0');
        padded = padded.PadRight((padded.Length + GroupDigits - 1) / GroupDigits * GroupDigits, '0');
        var groups = padded.Chunk(GroupDigits).Select(group => ushort.Parse(group, CultureInfo.InvariantCulture)).ToArray();
        var count = Array.FindLastIndex(groups, group => group != 0) + 1;
        writer.WriteNumericDigits(groups.AsSpan(0, count), weight, text[0] == '-', scale);
    }

    private static (string Digits, int Point) Parse(string text) =>
        !TryParse(text, out var digits, out var point) ? throw new FormatException("it is not a number")
        : point > MostWholeDigits ? throw new FormatException("it is too large for PostgreSQL")
        : (digits, point);

    /// <summary>The digits without zeros at their start, and how many of them stand before the point; false when it is no number.</summary>
    public static bool TryParse(string text, out string digits, out int point)
    {
        var match = Number().Match(text);
        var (whole, fraction) = (match.Groups["whole"].Value, match.Groups["fraction"].Value);
        var exponent = match.Groups["exponent"] is { Success: true } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : 0;
        digits = (whole + fraction).TrimStart('0');
        point = digits.Length == 0 ? 0 : digits.Length - fraction.Length + exponent;
        return whole.Length + fraction.Length > 0;
    }

    [GeneratedRegex(@"^[+-]?(?<whole>[0-9]*)(\.(?<fraction>[0-9]*))?([eE](?<exponent>[+-]?[0-9]{1,8}))?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    /// <summary>Rounds to this many digits as the server does: half away from zero.</summary>
    private static (string Digits, int Point) Round(string digits, int point, int keep)
    {
        if (keep >= digits.Length)
        {
            return (digits, point);
        }

        if (keep < 0 || digits[keep] < '5')
        {
            return keep <= 0 ? ("", 0) : (digits[..keep], point);
        }

        var rounded = (BigInteger.Parse("0" + digits[..keep], CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
        return (rounded, point + rounded.Length - keep);
    }
}
