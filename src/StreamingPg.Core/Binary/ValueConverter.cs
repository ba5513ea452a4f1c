using System.Collections;
using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Converts values from outside (text, numbers, times) to what a column holds. Every failure is a
/// <see cref="FormatException"/> whose message is the reason.
/// </summary>
internal static class ValueConverter
{
    public static Guid ToGuid(object value) => value switch
    {
        Guid guid => guid,
        string text when Guid.TryParse(text, out var guid) => guid,
        _ => throw new FormatException("it is not a UUID"),
    };

    public static short ToInt16(object value) => value is short number
        ? number
        : (short)ToInteger(value, short.MinValue, short.MaxValue, "smallint");

    public static int ToInt32(object value) => value is int number
        ? number
        : (int)ToInteger(value, int.MinValue, int.MaxValue, "integer");

    public static long ToInt64(object value) => value is long number
        ? number
        : ToInteger(value, long.MinValue, long.MaxValue, "bigint");

    public static float ToSingle(object value)
    {
        if (value is float same)
        {
            return same;
        }

        var number = ToDouble(value);
        return float.IsFinite((float)number) || !double.IsFinite(number)
            ? (float)number
            : throw new FormatException("it is outside the range of real");
    }

    public static double ToDouble(object value)
    {
        switch (value)
        {
            case double number:
                return number;
            case float number:
                return number;
            case string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                // What is too large is read as infinite.
                return double.IsInfinity(number) && text.Any(char.IsAsciiDigit)
                    ? throw new FormatException("it is outside the range of double precision")
                    : number;
            default:
                return (double)ToNumber(value, "a number");
        }
    }

    public static bool ToBoolean(object value) => value switch
    {
        bool truth => truth,
        string text => ParseBoolean(text.Trim().ToLowerInvariant()),
        _ when value is not (char or DateTime) && value is IConvertible => ToInteger(value, 0, 1, "boolean") == 1,
        _ => throw new FormatException("it is neither true nor false"),
    };

    public static byte[] ToBytes(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => ParseBytes(text.Trim()),
        IEnumerable items => [.. items.Cast<object>().Select(item => (byte)ToInteger(item, 0, byte.MaxValue, "a byte"))],
        _ => throw new FormatException("it is not bytes"),
    };

    public static string ToLabel(object value, ColumnType type)
    {
        var text = ToPlainText(value);
        return type.Labels.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new FormatException($"it is not one of {string.Join(", ", type.Labels)}");
    }

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
            throw new FormatException($"it does not fit DECIMAL({precision},{scale}), which ends below {PowerOfTen(wholeDigits)}");
        }

        return rounded;
    }

    public static string ToText(object value, ColumnType type)
    {
        var text = ToPlainText(value);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new FormatException("it has a NUL character, which PostgreSQL cannot keep in text");
        }

        if (type.Length is { } length && text.Length > length)
        {
            var characters = CountCharacters(text);
            if (characters > length)
            {
                throw new FormatException($"it has {characters} characters, and the column takes {length}");
            }
        }

        return text;
    }

    /// <summary>Characters as PostgreSQL counts them: code points, not UTF-16 units.</summary>
    private static int CountCharacters(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            if (char.IsLowSurrogate(unit))
            {
                count--;
            }
        }

        return count;
    }

    /// <summary>Any value as text.</summary>
    public static string ToPlainText(object value) => value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    // What PostgreSQL takes too.
    private static bool ParseBoolean(string text) => text switch
    {
        "true" or "t" or "yes" or "y" or "on" or "1" => true,
        "false" or "f" or "no" or "n" or "off" or "0" => false,
        _ => throw new FormatException("it is neither true nor false"),
    };

    private static byte[] ParseBytes(string text)
    {
        try
        {
            return text.StartsWith("\\x", StringComparison.OrdinalIgnoreCase)
                ? Convert.FromHexString(text.AsSpan(2))
                : throw new FormatException("it is not bytes");
        }
        catch (FormatException exception)
        {
            throw new FormatException(@"it is not bytes in the form \xDEADBEEF", exception);
        }
    }

    private static long ToInteger(object value, long minimum, long maximum, string type)
    {
        var exact = ToNumber(value, "a whole number");
        if (exact != decimal.Truncate(exact))
        {
            throw new FormatException("it is not a whole number");
        }

        return exact >= minimum && exact <= maximum
            ? (long)exact
            : throw new FormatException($"it is outside the range of {type}, {minimum} to {maximum}");
    }

    public static decimal ToNumber(object value, string expected)
    {
        try
        {
            return value switch
            {
                decimal number => number,
                string text => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
                bool or char or DateTime => throw new FormatException($"it is not {expected}"),
                IConvertible convertible => convertible.ToDecimal(CultureInfo.InvariantCulture),
                _ => throw new FormatException($"it is not {expected}"),
            };
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException)
        {
            throw new FormatException($"it is not {expected}", exception);
        }
        catch (OverflowException exception)
        {
            throw new FormatException("it is larger than any number that can be converted", exception);
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
}
