using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Dates and times that no type of .NET can hold, as the text that the server spells: infinity, years before 1 and after 9999, and
/// 24:00:00. All others become DateTime, DateOnly and TimeOnly.
/// </summary>
internal static partial class ServerTime
{
    private const string Infinity = "infinity";
    private const string NegativeInfinity = "-infinity";

    // The calendar repeats itself.
    private const long CycleDays = 146_097;
    private const int CycleYears = 400;

    private static readonly long FirstDay = PostgresTime.FromDate(DateOnly.MinValue);
    private static readonly long LastDay = PostgresTime.FromDate(DateOnly.MaxValue);

    /// <summary>A timestamp from its microseconds since 2000-01-01.</summary>
    public static object OfTimestamp(long microseconds, DateTimeKind kind)
    {
        if (microseconds is long.MaxValue or long.MinValue)
        {
            return microseconds > 0 ? Infinity : NegativeInfinity;
        }

        var day = PostgresTime.DayOf(microseconds);
        if (day >= FirstDay && day <= LastDay)
        {
            return DateTime.SpecifyKind(PostgresTime.ToDateTime(microseconds), kind);
        }

        var (date, era) = Date(day);
        var time = new TimeOnly((microseconds - (day * PostgresTime.Day)) * TimeSpan.TicksPerMicrosecond);
        return $"{date} {ValueText.Of(time)}{(kind == DateTimeKind.Utc ? "+00" : "")}{era}";
    }

    /// <summary>A date from its days since 2000-01-01.</summary>
    public static object OfDate(int days)
    {
        if (days is int.MaxValue or int.MinValue)
        {
            return days > 0 ? Infinity : NegativeInfinity;
        }

        if (days >= FirstDay && days <= LastDay)
        {
            return PostgresTime.ToDate(days);
        }

        var (date, era) = Date(days);
        return date + era;
    }

    /// <summary>A time of day from its microseconds.</summary>
    public static object OfTime(long microseconds) =>
        microseconds == PostgresTime.Day ? "24:00:00" : new TimeOnly(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The microseconds of a timestamp as <see cref="OfTimestamp"/> gives it; null for any other value.</summary>
    public static long? Microseconds(object value)
    {
        if (value is DateTime { Kind: not DateTimeKind.Local } time)
        {
            return PostgresTime.FromDateTime(time);
        }

        return value switch
        {
            Infinity => long.MaxValue,
            NegativeInfinity => long.MinValue,
            string text when Days(text, out var rest) is { } days => (days * PostgresTime.Day) + rest,
            _ => null,
        };
    }

    /// <summary>The days of a date text as <see cref="OfDate"/> gives it; null for any other value.</summary>
    public static int? Days(object value) => value switch
    {
        Infinity => int.MaxValue,
        NegativeInfinity => int.MinValue,
        string text when Days(text, out var rest) is { } days && rest == 0 => (int)days,
        _ => null,
    };

    /// <summary>The days of a text with a year before 1 or after 9999.</summary>
    private static long? Days(string text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < 10 || (text[4] == '-' && !text.EndsWith(" BC", StringComparison.Ordinal)))
        {
            return null; // nearly all are
        }

        var match = Far().Match(text);
        if (!match.Success || !long.TryParse(match.Groups["year"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var year))
        {
            return null;
        }

        var isBefore = match.Groups["era"].Success;
        if (isBefore == year > 9999 || (isBefore && year == 0))
        {
            return null;
        }

        var astronomical = isBefore ? 1 - year : year;
        var cycles = (long)Math.Floor((astronomical - 1) / (double)CycleYears);
        var inCycle = (int)(astronomical - (cycles * CycleYears));
        if (!DateOnly.TryParseExact($"{inCycle:D4}-{match.Groups["day"].Value}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            || !TimeOnly.TryParse(match.Groups["time"] is { Success: true } clock ? clock.Value : "00:00", CultureInfo.InvariantCulture, out var time))
        {
            return null;
        }

        microseconds = time.Ticks / TimeSpan.TicksPerMicrosecond;
        return PostgresTime.FromDate(date) + (cycles * CycleDays);
    }

    private static (string Date, string Era) Date(long day)
    {
        var cycles = (long)Math.Floor((day - FirstDay) / (double)CycleDays);
        var date = PostgresTime.ToDate((int)(day - (cycles * CycleDays)));
        var year = date.Year + (cycles * CycleYears);
        return (
            string.Create(CultureInfo.InvariantCulture, $"{(year > 0 ? year : 1 - year):D4}-{date:MM-dd}"),
            year > 0 ? "" : " BC");
    }

    [GeneratedRegex(@"^(?<year>[0-9]{4,7})-(?<day>[0-9]{2}-[0-9]{2})([ T](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)(\+00|Z)?)?(?<era> BC)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Far();
}
