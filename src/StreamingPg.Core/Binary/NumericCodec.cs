using System.Buffers.Binary;

namespace StreamingPg.Core.Binary;

/// <summary>PostgreSQL's numeric and .NET's decimal.</summary>
internal static class NumericCodec
{
    private const int DigitBase = 10_000;
    private const int MaxDecimalScale = 28;

    /// <summary>Writes a decimal, rounded to <paramref name="scale"/> digits after the point when one is given.</summary>
    public static void Write(RowWriter writer, decimal value, int? scale)
    {
        var shown = scale ?? value.Scale;
        var magnitude = Math.Abs(value);
        var whole = decimal.Truncate(magnitude);
        var fraction = magnitude - whole;

        // 79,228,162,514,264,337,593,543,950,335 has 8 groups of four digits; 28 digits after the point have 7.
        Span<ushort> digits = stackalloc ushort[16];
        var first = 8;
        while (whole > 0)
        {
            var rest = decimal.Truncate(whole / DigitBase);
            digits[--first] = (ushort)(whole - (rest * DigitBase));
            whole = rest;
        }

        var weight = 7 - first;
        var end = 8;
        while (fraction > 0 && end < digits.Length)
        {
            fraction *= DigitBase;
            var digit = decimal.Truncate(fraction);
            digits[end++] = (ushort)digit;
            fraction -= digit;
        }

        while (first < end && digits[first] == 0)
        {
            first++;
            weight--;
        }

        while (end > first && digits[end - 1] == 0)
        {
            end--;
        }

        writer.WriteNumericDigits(digits[first..end], weight, value < 0, shown);
    }

    /// <summary>Reads a numeric field.</summary>
    /// <exception cref="OverflowException">It is larger, or finer, than a decimal can be.</exception>
    public static decimal Read(ReadOnlySpan<byte> field)
    {
        var count = BinaryPrimitives.ReadInt16BigEndian(field);
        var weight = BinaryPrimitives.ReadInt16BigEndian(field[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(field[4..]);
        var scale = BinaryPrimitives.ReadInt16BigEndian(field[6..]);
        if (sign is not (0 or 0x4000))
        {
            throw new OverflowException("A numeric that is not a number, or infinite, has no decimal value.");
        }

        // Whole and fraction apart: a power of ten that is not needed must not overflow.
        decimal whole = 0, fraction = 0, unit = 1;
        for (var index = 0; index < count || index <= weight; index++)
        {
            decimal digit = index < count ? BinaryPrimitives.ReadUInt16BigEndian(field[(8 + (2 * index))..]) : 0;
            if (index <= weight)
            {
                whole = (whole * DigitBase) + digit;
            }
            else
            {
                unit = Unit(index - weight);
                fraction += digit * unit;
            }
        }

        var value = Rescale(whole + fraction, Math.Min((int)scale, MaxDecimalScale));
        return sign == 0 ? value : -value;
    }

    private static decimal Unit(int group)
    {
        decimal unit = 1;
        for (; group > 0; group--)
        {
            unit /= DigitBase;
        }

        return unit;
    }

    // 12.5 with two digits after the point is 12.50: decimal keeps trailing zeros, and so does psql. Groups of four digits
    // bring more zeros than are shown.
    private static decimal Rescale(decimal value, int scale) =>
        value.Scale > scale ? decimal.Round(value, scale) : value + new decimal(0, 0, 0, false, (byte)scale);
}
