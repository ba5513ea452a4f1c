using System.Globalization;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>Text that was written with a culture, or dates in a given format, as values. Only the forms that the culture writes itself
/// are taken, whole: nothing that is missing is filled in from today's date.</summary>
internal sealed class CultureText
{
    private const string StandardDates = "GgdDFf";

    private readonly CultureInfo _culture;
    private readonly CultureInfo _plainCulture;
    private readonly string[] _dates;
    private readonly string[] _times;
    private readonly bool _takesIsoDates;
    private readonly bool _hasCulture;

    /// <param name="culture">Who wrote dates and numbers; null for the invariant form.</param>
    /// <param name="dateFormat">The one format of dates, in the letters of .NET; null for those of the culture.</param>
    public CultureText(CultureInfo? culture, string? dateFormat)
    {
        _hasCulture = culture is not null;
        _culture = culture ?? CultureInfo.InvariantCulture;
        _plainCulture = (CultureInfo)_culture.Clone();
        _plainCulture.DateTimeFormat.AMDesignator = Plain(_culture.DateTimeFormat.AMDesignator);
        _plainCulture.DateTimeFormat.PMDesignator = Plain(_culture.DateTimeFormat.PMDesignator);
        _dates = dateFormat is not null ? [dateFormat]
            : [.. StandardDates.SelectMany(letter => WithZone(_culture.DateTimeFormat.GetAllDateTimePatterns(letter)[0]))];
        _times = [_culture.DateTimeFormat.LongTimePattern, _culture.DateTimeFormat.ShortTimePattern];
        _takesIsoDates = dateFormat is null && _culture.Calendar is GregorianCalendar;
    }

    /// <summary>The value that the text stands for in a column; text where the type has no form of its own in a culture.</summary>
    /// <exception cref="FormatException">The culture does not write it so; the message is the reason alone.</exception>
    public object Read(ColumnType type, string text) => type.Kind switch
    {
        ColumnKind.Date or ColumnKind.Timestamp or ColumnKind.TimestampTz => Date(type, text),
        ColumnKind.Time when _hasCulture => Time(text),
        _ when _hasCulture && type.IsNumber => Number(text),
        _ => text,
    };

    /// <summary>True when a format keeps year, month and day.</summary>
    public static bool KeepsDate(string format, CultureInfo? culture)
    {
        var formats = culture ?? CultureInfo.InvariantCulture;
        var day = new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Unspecified); // Never today, from which .NET takes what is missing.
        try
        {
            return DateTime.TryParseExact(day.ToString(format, formats), format, formats, DateTimeStyles.None, out var read) && read == day;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private object Date(ColumnType type, string text)
    {
        if (TryDate(text, _dates, _culture, out var time) || TryDate(Plain(text), [.. _dates.Select(Plain)], _plainCulture, out time))
        {
            return time.Offset != TimeSpan.Zero ? time : time.DateTime;
        }

        var isIso = type.Kind == ColumnKind.Date ? TimeText.Date(text) is not null : TimeText.Timestamp(text) is not null;
        return isIso && _takesIsoDates ? text : throw new FormatException($"it is not a date such as {Example()}");
    }

    private static bool TryDate(string text, string[] formats, CultureInfo culture, out DateTimeOffset time)
    {
        try
        {
            return DateTimeOffset.TryParseExact(
                text, formats, culture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AssumeUniversal, out time);
        }
        catch (ArgumentOutOfRangeException)
        {
            // A day that the culture's calendar does not have.
            time = default;
            return false;
        }
    }

    private object Time(string text) =>
        TimeOnly.TryParseExact(text, _times, _culture, DateTimeStyles.AllowWhiteSpaces, out var time)
            || TimeOnly.TryParseExact(Plain(text), [.. _times.Select(Plain)], _plainCulture, DateTimeStyles.AllowWhiteSpaces, out time)
            ? time
            : text;

    /// <summary>The number with the signs of the invariant culture, digit for digit.</summary>
    private string Number(string text)
    {
        var format = _culture.NumberFormat;
        var plain = Plain(text).Trim();
        if (plain == format.NaNSymbol || plain == format.PositiveInfinitySymbol || plain == Plain(format.NegativeInfinitySymbol))
        {
            return plain == format.NaNSymbol ? "NaN" : plain == format.PositiveInfinitySymbol ? "Infinity" : "-Infinity";
        }

        var isNegative = TakeSign(ref plain, Plain(format.NegativeSign).Trim()) || TakeSign(ref plain, "-");
        var point = plain.IndexOf(format.NumberDecimalSeparator, StringComparison.Ordinal);
        var whole = point < 0 ? plain : plain[..point];
        var rest = point < 0 ? "" : "." + plain[(point + format.NumberDecimalSeparator.Length)..];
        (whole, rest) = (WithPlainExponent(whole, format), WithPlainExponent(rest, format));
        return WithoutGroups(whole, format) is { } digits && !rest.AsSpan(Math.Min(1, rest.Length)).Contains('.')
            ? (isNegative ? "-" : "") + digits + rest
            : throw new FormatException($"it is not a number such as {1234.5m.ToString("N1", _culture)}, as {Name} writes it");
    }

    private static string WithPlainExponent(string digits, NumberFormatInfo format) => digits
        .Replace("E" + Plain(format.NegativeSign), "E-", StringComparison.Ordinal).Replace("E" + Plain(format.PositiveSign), "E+", StringComparison.Ordinal);

    private static bool TakeSign(ref string text, string sign)
    {
        var isThere = sign.Length > 0 && text.StartsWith(sign, StringComparison.Ordinal);
        text = isThere ? text[sign.Length..] : text;
        return isThere;
    }

    /// <summary>Null when groups have not the sizes of the culture: 1.5 is no 15.</summary>
    private static string? WithoutGroups(string whole, NumberFormatInfo format)
    {
        var separator = Plain(format.NumberGroupSeparator);
        var groups = separator.Length == 0 ? [whole] : whole.Split(separator);
        for (var index = groups.Length - 1; index > 0; index--)
        {
            var sizes = format.NumberGroupSizes;
            var size = sizes.Length == 0 ? 0 : sizes[Math.Min(groups.Length - 1 - index, sizes.Length - 1)];
            if (groups[index].Length != size)
            {
                return null;
            }
        }

        var isGrouped = groups.Length > 1;
        return isGrouped && (groups[0].Length == 0 || !groups.All(group => group.All(char.IsAsciiDigit))) ? null
            : separator != "." && whole.Contains('.', StringComparison.Ordinal) ? null
            : string.Concat(groups);
    }

    /// <summary>DateTimeOffset writes its zone behind the pattern of the culture.</summary>
    private static string[] WithZone(string pattern) => [pattern, pattern + " zzz"];

    /// <summary>Blanks of all kinds as one, without the marks that only say which way text runs: files lose both.</summary>
    private static string Plain(string text) => text
        .Replace('\u202F', ' ').Replace('\u00A0', ' ')
        .Replace("\u200E", "", StringComparison.Ordinal).Replace("\u200F", "", StringComparison.Ordinal).Replace("\u061C", "", StringComparison.Ordinal);

    private string Name => _hasCulture ? _culture.Name : "the invariant culture";

    private string Example() => new DateTime(2026, 1, 31, 17, 30, 0, DateTimeKind.Unspecified).ToString(_dates[0], _culture);
}
