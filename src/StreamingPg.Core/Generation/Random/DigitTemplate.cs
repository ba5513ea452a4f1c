using System.Globalization;
using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

/// <summary>Text with digits to fill in: <c>#</c> is a digit, <c>@</c> a letter that postal codes use, <c>[10115-10999]</c> a number between.</summary>
internal sealed class DigitTemplate
{
    // Those that stand both in British, Canadian, Dutch and Irish postal codes.
    private const string Letters = "ABEGHJLNPRTXY";

    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly long _from;
    private readonly long _count;
    private readonly int _width;

    private DigitTemplate(string before, long from, long to, int width, string after)
    {
        (_before, _after) = (Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after));
        (_from, _count, _width) = (from, to - from + 1, width);
        Length = before.Length + width + after.Length;
    }

    /// <summary>Characters of each text.</summary>
    public int Length { get; }

    /// <summary>Reads a template.</summary>
    public static DigitTemplate Of(string template)
    {
        var open = template.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            return new DigitTemplate(template, 0, 0, 0, "");
        }

        var close = template.IndexOf(']', open);
        var bounds = template[(open + 1)..close].Split('-');
        return new DigitTemplate(
            template[..open],
            long.Parse(bounds[0], CultureInfo.InvariantCulture),
            long.Parse(bounds[1], CultureInfo.InvariantCulture),
            bounds[0].Length,
            template[(close + 1)..]);
    }

    /// <summary>Writes the text that random bits choose.</summary>
    public void Write(RowWriter writer, ulong bits)
    {
        var start = writer.BeginField();
        Fill(writer, _before, ref bits);
        if (_width > 0)
        {
            var number = _from + (long)Math.BigMul(bits, (ulong)_count, out bits);
            Span<byte> digits = stackalloc byte[_width];
            for (var place = _width - 1; place >= 0; place--)
            {
                (number, var digit) = Math.DivRem(number, 10);
                digits[place] = (byte)('0' + digit);
            }

            writer.Append(digits);
        }

        Fill(writer, _after, ref bits);
        writer.EndField(start);
    }

    private static void Fill(RowWriter writer, byte[] text, ref ulong bits)
    {
        foreach (var character in text)
        {
            writer.Append(character switch
            {
                (byte)'#' => (byte)('0' + (int)Math.BigMul(bits, 10, out bits)),
                (byte)'@' => (byte)Letters[(int)Math.BigMul(bits, (ulong)Letters.Length, out bits)],
                _ => character,
            });
        }
    }
}
