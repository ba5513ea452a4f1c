using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Converts values from outside (text, numbers, times) to what a column holds. Every failure is a
/// <see cref="FormatException"/> whose message is the reason.
/// </summary>
internal static class ValueConverter
{
    private static readonly DateTime FirstTimestamp = new(1, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    public static Guid ToGuid(object value) => value switch
    {
        Guid guid => guid,
        string text when Guid.TryParse(text, out var guid) => guid,
        _ => throw new FormatException("it is not a UUID"),
    };

    public static int ToInt32(object value)
    {
        if (value is int number)
        {
            return number;
        }

        var exact = ToNumber(value, "a whole number");
        if (exact != decimal.Truncate(exact))
        {
            throw new FormatException("it is not a whole number");
        }

        return exact is >= int.MinValue and <= int.MaxValue
            ? (int)exact
            : throw new FormatException("it is outside the range of integer, -2147483648 to 2147483647");
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

    public static DateTime ToTimestamp(object value)
    {
        var time = value switch
        {
            DateTime { Kind: DateTimeKind.Local } local => local.ToUniversalTime(),
            DateTime plain => plain,
            DateTimeOffset offset => offset.UtcDateTime,
            DateOnly date => date.ToDateTime(TimeOnly.MinValue),
            string text => ParseTimestamp(text),
            _ => throw new FormatException("it is not a time"),
        };
        return time >= FirstTimestamp ? time : throw new FormatException("it is before the first time that can be kept");
    }

    public static string ToText(object value, ColumnType type)
    {
        var text = value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
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

    private static DateTime ParseTimestamp(string text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time)
            ? time.UtcDateTime
            : throw new FormatException("it is not a time such as 2026-01-31T12:00:00Z");

    private static decimal ToNumber(object value, string expected)
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
