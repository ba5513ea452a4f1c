using System.Globalization;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Reads intervals: ISO 8601 (<c>P1Y2M3DT4H</c>), PostgreSQL's own form (<c>1 year 2 mons 3 days 04:05:06.5</c>), and that of
/// .NET's TimeSpan (<c>3.04:05:06</c>).
/// </summary>
internal static class IntervalParser
{
    private const decimal Second = 1_000_000;
    private const decimal Hour = 60 * PostgresTime.Minute;

    /// <summary>The interval's months, days and time; null if the text is not an interval or is out of range.</summary>
    public static IntervalParts? Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith('@'))
        {
            trimmed = trimmed[1..].TrimStart();
        }

        try
        {
            return trimmed.StartsWith('P') ? ParseIso(trimmed[1..])
                : trimmed.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(trimmed, "c", CultureInfo.InvariantCulture, out var span) ? Of(span)
                : ParseWords(trimmed);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Days and time of a span.</summary>
    public static IntervalParts Of(TimeSpan span) =>
        new(0, span.Days, PostgresTime.RoundTicks(span.Ticks % TimeSpan.TicksPerDay));

    private static IntervalParts? ParseIso(string text)
    {
        var parts = new Sum();
        var inTime = false;
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (letter == 'T' && at == start && !inTime)
            {
                (inTime, start) = (true, at + 1);
            }
            else if (char.IsAsciiLetter(letter))
            {
                if (Number(text[start..at]) is not { } amount || !parts.AddIso(amount, letter, inTime))
                {
                    return null;
                }

                start = at + 1;
            }
        }

        return start == text.Length && text.Length > 0 && !text.EndsWith('T') ? parts.ToParts() : null;
    }

    private static IntervalParts? ParseWords(string text)
    {
        var words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var isAgo = words.Length > 1 && words[^1] == "ago";
        var parts = new Sum();
        var end = isAgo ? words.Length - 1 : words.Length;
        for (var at = 0; at < end; at++)
        {
            if (words[at].Contains(':', StringComparison.Ordinal))
            {
                if (Clock(words[at]) is not { } time)
                {
                    return null;
                }

                parts.AddMicroseconds(time);
            }
            else if (at + 1 < end && Number(words[at]) is { } amount && parts.Add(amount, words[at + 1].ToLowerInvariant()))
            {
                at++;
            }
            else
            {
                return null;
            }
        }

        return end == 0 ? null : parts.ToParts(isAgo ? -1 : 1);
    }

    /// <summary>[-]hours:minutes[:seconds], the hours as many as one likes.</summary>
    private static decimal? Clock(string text)
    {
        var fields = text.TrimStart('-', '+').Split(':');
        if (fields.Length is not (2 or 3)
            || !long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || Number(fields.Length == 3 ? fields[2] : "0") is not { } seconds)
        {
            return null;
        }

        var total = (hours * Hour) + ((decimal)minutes * PostgresTime.Minute) + (seconds * Second);
        return text.StartsWith('-') ? -total : total;
    }

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>The sum of what was read so far. Parts of months and days are not carried over: only seconds may have a fraction.</summary>
    private sealed class Sum
    {
        private decimal _months;
        private decimal _days;
        private decimal _microseconds;

        public void AddMicroseconds(decimal amount) => _microseconds += amount;

        public bool AddIso(decimal amount, char unit, bool inTime) => Add(amount, (unit, inTime) switch
        {
            ('Y', false) => "year",
            ('M', false) => "month",
            ('W', false) => "week",
            ('D', false) => "day",
            ('H', true) => "hour",
            ('M', true) => "minute",
            ('S', true) => "second",
            _ => "",
        });

        public bool Add(decimal amount, string unit)
        {
            switch (unit)
            {
                case "year" or "years" or "y" or "yr" or "yrs":
                    _months += amount * 12;
                    break;
                case "month" or "months" or "mon" or "mons":
                    _months += amount;
                    break;
                case "week" or "weeks" or "w":
                    _days += amount * 7;
                    break;
                case "day" or "days" or "d":
                    _days += amount;
                    break;
                case "hour" or "hours" or "h" or "hr" or "hrs":
                    _microseconds += amount * Hour;
                    break;
                case "minute" or "minutes" or "m" or "min" or "mins":
                    _microseconds += amount * PostgresTime.Minute;
                    break;
                case "second" or "seconds" or "s" or "sec" or "secs":
                    _microseconds += amount * Second;
                    break;
                case "millisecond" or "milliseconds" or "ms":
                    _microseconds += amount * 1000;
                    break;
                default:
                    return false;
            }

            return true;
        }

        public IntervalParts? ToParts(int sign = 1) =>
            _months == decimal.Truncate(_months) && _days == decimal.Truncate(_days)
                ? new IntervalParts(
                    decimal.ToInt32(sign * _months), decimal.ToInt32(sign * _days), decimal.ToInt64(decimal.Round(sign * _microseconds)))
                : null;
    }
}
