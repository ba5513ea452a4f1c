using System.Globalization;
using System.Numerics;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Converts numbers from outside, whole or not at all: a digit is lost only where the server rounds too. Every failure is a
/// <see cref="FormatException"/> whose message is the reason.
/// </summary>
internal static class NumberConverter
{
    private const string Whole = "a whole number";
    private const NumberStyles PlainInteger = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    public static short ToInt16(object value) => value is short number
        ? number
        : (short)ToInteger(value, short.MinValue, short.MaxValue, "smallint");

    public static int ToInt32(object value) => value is int number
        ? number
        : (int)ToInteger(value, int.MinValue, int.MaxValue, "integer");

    public static long ToInt64(object value) => value is long number
        ? number
        : ToInteger(value, long.MinValue, long.MaxValue, "bigint");

    /// <summary>Text is rounded to the nearest number, as the server rounds it; a number of .NET must keep its digits.</summary>
    public static float ToSingle(object value)
    {
        if (value is float same)
        {
            return same;
        }

        var text = FloatText(value);
        if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            throw new FormatException("it is not a number");
        }

        CheckRange(text, float.IsInfinity(number), number == 0, "real");
        CheckKept(value, text, digits => number.ToString("E" + digits, CultureInfo.InvariantCulture), "real");
        return number;
    }

    /// <inheritdoc cref="ToSingle"/>
    public static double ToDouble(object value)
    {
        switch (value)
        {
            case double same:
                return same;
            case float or Half:
                return Convert.ToDouble((value as Half?) is { } half ? (float)half : value, CultureInfo.InvariantCulture);
        }

        var text = FloatText(value);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            throw new FormatException("it is not a number");
        }

        CheckRange(text, double.IsInfinity(number), number == 0, "double precision");
        CheckKept(value, text, digits => number.ToString("E" + digits, CultureInfo.InvariantCulture), "double precision");
        return number;
    }

    /// <summary>The text of a number for a numeric of which .NET's decimal might lose digits; null where it loses none.</summary>
    public static string? TextOfLarge(object value) => value switch
    {
        string text => NumericText.SuitsDecimal(text) ? null : text,
        decimal or int or long or short or byte or sbyte or ushort or uint or ulong => null,
        _ => TextOf(value),
    };

    /// <summary>A number that fits the precision after rounding to the scale, as PostgreSQL rounds (half away from zero).</summary>
    public static decimal ToDecimal(object value, ColumnType type)
    {
        var number = ToNumber(value, "a number");
        if (type.Precision is not { } precision)
        {
            return number;
        }

        var scale = type.Scale ?? 0;
        var rounded = scale <= 28 ? decimal.Round(number, scale, MidpointRounding.AwayFromZero) : number;
        var wholeDigits = precision - scale;
        if (wholeDigits < 29 && Math.Abs(rounded) >= PowerOfTen(wholeDigits))
        {
            throw new FormatException($"it does not fit DECIMAL({precision},{scale}), whose values are below {PowerOfTen(wholeDigits)}");
        }

        return rounded;
    }

    /// <summary>A number as .NET's decimal: for bounds, and for numbers of few digits.</summary>
    public static decimal ToNumber(object value, string expected)
    {
        try
        {
            return value switch
            {
                decimal number => number,
                string text => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
                bool or char or DateTime => throw Not(expected),
                IConvertible convertible => convertible.ToDecimal(CultureInfo.InvariantCulture),
                _ => throw Not(expected),
            };
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException)
        {
            throw Not(expected, exception);
        }
        catch (OverflowException exception)
        {
            throw new FormatException("it is too large to convert", exception);
        }
    }

    /// <summary>A whole number within bounds.</summary>
    public static long ToInteger(object value, long minimum, long maximum, string type)
    {
        if (value is not string text || !long.TryParse(text, PlainInteger, CultureInfo.InvariantCulture, out var number))
        {
            var exact = ToBigInteger(value);
            number = exact >= minimum && exact <= maximum ? (long)exact : throw OutOfRange(type, minimum, maximum);
        }

        return number >= minimum && number <= maximum ? number : throw OutOfRange(type, minimum, maximum);
    }

    private static BigInteger ToBigInteger(object value)
    {
        switch (value)
        {
            case string text:
                return ParseWhole(text);
            case double or float or Half:
                var number = ToDouble(value);
                return double.IsInteger(number) ? new BigInteger(number) : throw Not(Whole);
            case decimal exact:
                return exact == decimal.Truncate(exact) ? new BigInteger(exact) : throw Not(Whole);
            case Enum named:
                return BigInteger.Parse(named.ToString("D"), CultureInfo.InvariantCulture);
            default:
                return ParseWhole(TextOf(value, Whole));
        }
    }

    private static BigInteger ParseWhole(string text)
    {
        const int MostDigits = 64; // Far beyond every type of whole numbers.
        if (!NumericText.TryParse(text.Trim(), out var digits, out var point))
        {
            throw Not(Whole);
        }

        digits = digits.TrimEnd('0');
        if (digits.Length > point)
        {
            throw Not(Whole);
        }

        var magnitude = digits.Length == 0 ? BigInteger.Zero
            : point > MostDigits ? BigInteger.Pow(10, MostDigits)
            : BigInteger.Parse(digits.PadRight(point, '0'), CultureInfo.InvariantCulture);
        return text.AsSpan().TrimStart().StartsWith("-") ? -magnitude : magnitude;
    }

    /// <summary>The digits of a number of .NET, every one of them.</summary>
    private static string TextOf(object value, string expected = "a number") => value switch
    {
        sbyte or byte or short or ushort or int or uint or long or ulong or nint or nuint or decimal or double or float or Half
            or BigInteger or Int128 or UInt128 => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => throw Not(expected),
    };

    private static string FloatText(object value) => value is not string text ? TextOf(value) : text.Trim().ToLowerInvariant() switch
    {
        "inf" or "+inf" or "+infinity" => "Infinity",
        "-inf" => "-Infinity",
        _ => text,
    };

    /// <summary>What is too large is read as infinite, what is too small as zero.</summary>
    private static void CheckRange(string text, bool isInfinite, bool isZero, string type)
    {
        var mantissa = text.AsSpan(0, text.AsSpan().IndexOfAny('e', 'E') is >= 0 and var exponent ? exponent : text.Length);
        if ((isInfinite && mantissa.ContainsAnyInRange('0', '9')) || (isZero && mantissa.ContainsAnyInRange('1', '9')))
        {
            throw new FormatException($"it is outside the range of {type}");
        }
    }

    /// <summary>The nearest number of the type, shown with as many digits as were given, must be the given one.</summary>
    private static void CheckKept(object value, string text, Func<int, string> show, string type)
    {
        if (value is string || !NumericText.TryParse(text, out var digits, out var point))
        {
            return;
        }

        digits = digits.TrimEnd('0');
        if (digits.Length > 0 && (!NumericText.TryParse(show(digits.Length - 1), out var kept, out var keptPoint)
            || kept.TrimEnd('0') != digits || keptPoint != point))
        {
            throw new FormatException($"it has more digits than {type} can store");
        }
    }

    private static decimal PowerOfTen(int exponent)
    {
        decimal power = 1;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }

    private static FormatException Not(string expected, Exception? cause = null) => new($"it is not {expected}", cause);

    private static FormatException OutOfRange(string type, long minimum, long maximum) =>
        new($"it is outside the range of {type}, {minimum} to {maximum}");
}
