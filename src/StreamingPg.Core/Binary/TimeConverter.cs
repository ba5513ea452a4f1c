using System.Globalization;

namespace StreamingPg.Core.Binary;

/// <summary>Converts dates, times and intervals from outside. Every failure is a <see cref="FormatException"/> whose message is the
/// reason.</summary>
internal static class TimeConverter
{
    /// <summary>A time in UTC; one that says nothing of its zone is taken as it stands.</summary>
    public static DateTime ToTimestamp(object value) => value switch
    {
        DateTime { Kind: DateTimeKind.Local } local => local.ToUniversalTime(),
        DateTime plain => plain,
        DateTimeOffset offset => offset.UtcDateTime,
        DateOnly date => date.ToDateTime(TimeOnly.MinValue),
        string text => ParseTimestamp(text),
        _ => throw new FormatException("it is not a time"),
    };

    public static DateOnly ToDate(object value) => value switch
    {
        DateOnly date => date,
        DateTime time => DateOf(time),
        DateTimeOffset time => DateOf(time.DateTime),
        string text => DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var date) ? date
            : DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? DateOf(time)
            : throw new FormatException("it is not a date such as 2026-01-31"),
        _ => throw new FormatException("it is not a date"),
    };

    public static TimeOnly ToTime(object value) => value switch
    {
        TimeOnly time => time,
        TimeSpan { Days: 0, Ticks: >= 0 } span => TimeOnly.FromTimeSpan(span),
        string text when TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var time) => time,
        _ => throw new FormatException("it is not a time of day such as 17:30:00"),
    };

    public static IntervalParts ToInterval(object value) => value switch
    {
        IntervalParts parts => parts,
        TimeSpan span => IntervalParser.Of(span),
        string text when IntervalParser.Parse(text) is { } parts => parts,
        _ => throw new FormatException("it is not an interval such as 3 days 04:30:00 or P3DT4H30M"),
    };

    private static DateOnly DateOf(DateTime time) => time.TimeOfDay == TimeSpan.Zero
        ? DateOnly.FromDateTime(time)
        : throw new FormatException("it has a time of day, which a date cannot keep");

    private static DateTime ParseTimestamp(string text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time)
            ? time.UtcDateTime
            : throw new FormatException("it is not a time such as 2026-01-31T12:00:00Z");
}
