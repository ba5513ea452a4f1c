using System.Text.RegularExpressions;

namespace StreamingPg.Core.Binary;

/// <summary>Converts dates, times and intervals from outside. Every failure is a <see cref="FormatException"/> whose message is the
/// reason.</summary>
internal static partial class TimeConverter
{
    private const string OtherForms = "; other formats need a culture or a date format";

    /// <summary>Microseconds since 2000-01-01 in UTC; a time that says nothing of its zone is taken as it stands.</summary>
    public static long ToTimestamp(object value) => value switch
    {
        DateTime { Kind: DateTimeKind.Local } local => Microseconds(local.ToUniversalTime()),
        DateTime plain => Microseconds(plain),
        DateTimeOffset offset => Microseconds(offset.UtcDateTime),
        DateOnly date => PostgresTime.FromDateTime(date.ToDateTime(TimeOnly.MinValue)),
        string text => TimeText.Timestamp(text) ?? throw new FormatException("it is not a time such as 2026-01-31T12:00:00Z" + OtherForms),
        _ => throw new FormatException("it is not a time"),
    };

    /// <summary>Days since 2000-01-01.</summary>
    public static int ToDate(object value) => value switch
    {
        DateOnly date => PostgresTime.FromDate(date),
        DateTime time => DateOf(time),
        DateTimeOffset time when time.Offset == TimeSpan.Zero => DateOf(time.DateTime),
        DateTimeOffset => throw new FormatException("it has a time zone, which a date cannot store"),
        string text => ParseDate(text),
        _ => throw new FormatException("it is not a date"),
    };

    /// <summary>Microseconds since midnight.</summary>
    public static long ToTime(object value) => value switch
    {
        TimeOnly time => PostgresTime.RoundTicks(time.Ticks),
        TimeSpan { Ticks: >= 0 and <= TimeSpan.TicksPerDay } span => PostgresTime.RoundTicks(span.Ticks),
        string text => TimeText.TimeOfDay(text) ?? throw new FormatException("it is not a time of day such as 17:30:00"),
        _ => throw new FormatException("it is not a time of day such as 17:30:00"),
    };

    public static IntervalParts ToInterval(object value) => value switch
    {
        IntervalParts parts => parts,
        TimeSpan span => IntervalParser.Of(span),
        string text when IntervalParser.Parse(text) is { } parts => parts,
        _ => throw new FormatException("it is not an interval such as 3 days 04:30:00 or P3DT4H30M"),
    };

    private static long Microseconds(DateTime time) =>
        PostgresTime.RoundTicks(time.Ticks - DateTime.UnixEpoch.Ticks) - PostgresTime.UnixEpochBefore;

    private static int ParseDate(string text)
    {
        if (TimeText.Date(text) is { } date)
        {
            return date;
        }

        if (TimeText.Timestamp(text) is not { } time)
        {
            throw new FormatException("it is not a date such as 2026-01-31" + OtherForms);
        }

        // 2026-01-31T00:00:00Z is a date that something wrote as a time; one hour of another zone is another day. 24:00:00, and
        // 23:59:59.9999999 once it is rounded, are the next day, or this one to those who drop the time.
        return time % PostgresTime.Day != 0 || !Midnight().IsMatch(text) ? throw HasTime()
            : TimeText.HasZone(text) && !text.TrimEnd().EndsWith('Z') && !text.Contains("+00", StringComparison.Ordinal)
                ? throw new FormatException("it has a time zone, which a date cannot store")
            : PostgresTime.DayOf(time);
    }

    [GeneratedRegex(@"[T ]00:?00(:?00(\.0*)?)?(?![\d:.])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Midnight();

    private static int DateOf(DateTime time) =>
        time.TimeOfDay == TimeSpan.Zero ? PostgresTime.FromDate(DateOnly.FromDateTime(time)) : throw HasTime();

    private static FormatException HasTime() => new("it has a time of day, which a date cannot store");
}
