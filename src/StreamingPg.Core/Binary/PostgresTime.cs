namespace StreamingPg.Core.Binary;

/// <summary>PostgreSQL's timestamps, microseconds since 2000-01-01 00:00, and dates, days since then.</summary>
public static class PostgresTime
{
    /// <summary>Microseconds of a day.</summary>
    public const long Day = 86_400_000_000;

    /// <summary>Microseconds of a minute.</summary>
    public const long Minute = 60_000_000;

    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private static readonly int EpochDay = DateOnly.FromDateTime(Epoch).DayNumber;

    /// <summary>To microseconds; the clock time is taken as it stands.</summary>
    public static long FromDateTime(DateTime time) => (time.Ticks - Epoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>From microseconds, with <see cref="DateTimeKind.Unspecified"/>, as timestamp without time zone has none.</summary>
    public static DateTime ToDateTime(long microseconds) => Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>A date to days since 2000-01-01.</summary>
    public static int FromDate(DateOnly date) => date.DayNumber - EpochDay;

    /// <summary>A date from days since 2000-01-01; infinity, and what else no calendar here has, becomes its last or first day.</summary>
    /// <remarks>It is looked at in rows that new ones refer to, and is hardly ever their key.</remarks>
    public static DateOnly ToDate(int days) =>
        DateOnly.FromDayNumber((int)Math.Clamp((long)EpochDay + days, DateOnly.MinValue.DayNumber, DateOnly.MaxValue.DayNumber));

    /// <summary>The day, since 2000-01-01, of a timestamp.</summary>
    public static int DayOf(long microseconds) => (int)Math.DivRem(microseconds - (microseconds < 0 ? Day - 1 : 0), Day).Quotient;

    /// <summary>Milliseconds since 1970-01-01, as in UUIDs of version 7.</summary>
    public static long ToUnixMilliseconds(long microseconds) => (microseconds / 1000) + 946_684_800_000;
}
