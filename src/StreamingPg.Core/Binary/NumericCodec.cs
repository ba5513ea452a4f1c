using System.Buffers.Binary;
using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>PostgreSQL's numeric and .NET's decimal.</summary>
internal static class NumericCodec
{
    private const int DigitBase = 10_000;
    private const int DigitsPerGroup = 4;
    private const int MaxDecimalScale = 28;

    // A long holds any number of up to this number of digits.
    private const int MaxPlainPrecision = 18;

    /// <summary>Writes a decimal, rounded to <paramref name="scale"/> digits after the point when one is given.</summary>
    public static void Write(RowWriter writer, decimal value, int? scale)
    {
        var shown = scale ?? value.Scale;
        if (shown is >= 0 and <= DigitsPerGroup && value.Scale <= shown && TryUnscale(value, shown, out var unscaled))
        {
            writer.WriteNumeric(unscaled, shown);
            return;
        }

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

    /// <summary>Writes text such as 12.50 without a decimal in between; false, with nothing written, for what is written otherwise or may not fit.</summary>
    public static bool TryWritePlain(RowWriter writer, ReadOnlySpan<char> text, ColumnType type)
    {
        if (type is not { Precision: <= MaxPlainPrecision and var precision, Scale: var ofType } || ofType is < 0 or > DigitsPerGroup)
        {
            return false;
        }

        var scale = ofType ?? 0;
        var isNegative = text is ['-', ..];
        var digits = isNegative ? text[1..] : text;
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? [] : digits[(point + 1)..];
        if (whole.Length == 0 || whole.Length > precision - scale || fraction.Length > scale || (point >= 0 && fraction.Length == 0))
        {
            return false;
        }

        long unscaled = 0;
        foreach (var digit in whole)
        {
            unscaled = (unscaled * 10) + digit - '0';
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }
        }

        for (var place = 0; place < scale; place++)
        {
            var digit = place < fraction.Length ? fraction[place] : '0';
            unscaled = (unscaled * 10) + digit - '0';
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }
        }

        writer.WriteNumeric(isNegative ? -unscaled : unscaled, scale);
        return true;
    }

    /// <summary>True if <see cref="Read"/> loses no digit, which it may not where this is false either.</summary>
    public static bool SuitsDecimal(ReadOnlySpan<byte> field)
    {
        var wholeDigits = Math.Max(0, (BinaryPrimitives.ReadInt16BigEndian(field[2..]) + 1) * DigitsPerGroup);
        return BinaryPrimitives.ReadUInt16BigEndian(field[4..]) is 0 or 0x4000
            && wholeDigits + BinaryPrimitives.ReadInt16BigEndian(field[6..]) <= MaxDecimalScale;
    }

    /// <summary>Reads a numeric field: a decimal, or text where that would lose a digit.</summary>
    public static object ReadAny(ReadOnlySpan<byte> field)
    {
        if (SuitsDecimal(field))
        {
            return Read(field);
        }

        var text = NumericText.Read(field);
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value.ToString(CultureInfo.InvariantCulture) == text ? value : text;
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

        if (scale is >= 0 and <= DigitsPerGroup && count <= weight + 2 && weight is >= -1 and <= 2)
        {
            return ReadShort(field, count, weight, sign != 0, scale);
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

    /// <summary>The number without its point, if that is a long.</summary>
    private static bool TryUnscale(decimal value, int scale, out long unscaled)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = ((Int128)(uint)bits[1] << 32) | (uint)bits[0];
        for (var digit = value.Scale; digit < scale; digit++)
        {
            magnitude *= 10;
        }

        unscaled = (long)(bits[3] < 0 ? -magnitude : magnitude);
        return bits[2] == 0 && magnitude <= long.MaxValue;
    }

    /// <summary>Reads up to twelve digits before the point, and up to four after it.</summary>
    private static decimal ReadShort(ReadOnlySpan<byte> field, int count, int weight, bool isNegative, int scale)
    {
        long unscaled = 0;
        for (var index = 0; index < weight + 2; index++)
        {
            unscaled = (unscaled * DigitBase) + (index < count ? BinaryPrimitives.ReadUInt16BigEndian(field[(8 + (2 * index))..]) : 0);
        }

        // No digit stands after those that are shown.
        for (var digit = scale; digit < DigitsPerGroup; digit++)
        {
            unscaled /= 10;
        }

        return new decimal((int)unscaled, (int)(unscaled >> 32), 0, isNegative, (byte)scale);
    }

    /// <summary>Rejects a numeric field that a column cannot hold as it is.</summary>
    /// <exception cref="FormatException">It has too many digits; the message is the reason alone.</exception>
    public static void CheckFits(ReadOnlySpan<byte> field, ColumnType type)
    {
        if (type.Precision is not { } precision)
        {
            return;
        }

        if (BinaryPrimitives.ReadInt16BigEndian(field) is var count && count == 0)
        {
            // Zero and NaN fit everywhere.
            if (NumericText.Read(field).EndsWith("Infinity", StringComparison.Ordinal))
            {
                throw new FormatException($"{type.ToSql()} cannot be infinite");
            }

            return;
        }

        var scale = type.Scale ?? 0;
        var weight = BinaryPrimitives.ReadInt16BigEndian(field[2..]);
        var wholeDigits = (weight * DigitsPerGroup) + DigitsOf(BinaryPrimitives.ReadUInt16BigEndian(field[8..]));
        var last = BinaryPrimitives.ReadUInt16BigEndian(field[(8 + (2 * (count - 1)))..]);
        var fractionDigits = ((count - 1 - weight) * DigitsPerGroup) - ZerosAtTheEnd(last);
        if (wholeDigits > precision - scale || fractionDigits > scale)
        {
            throw new FormatException($"it has more digits than {type.ToSql()}");
        }
    }

    private static int DigitsOf(int group) => group switch { < 10 => 1, < 100 => 2, < 1000 => 3, _ => 4 };

    private static int ZerosAtTheEnd(int group) => group % 1000 == 0 ? 3 : group % 100 == 0 ? 2 : group % 10 == 0 ? 1 : 0;

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
