namespace StreamingPg.Core.Binary;

/// <summary>PostgreSQL's timestamps, microseconds since 2000-01-01 00:00, and dates, days since then.</summary>
internal static class PostgresTime
{
    /// <summary>Microseconds of a day.</summary>
    public const long Day = 86_400_000_000;

    /// <summary>Microseconds of a minute.</summary>
    public const long Minute = 60_000_000;

    /// <summary>The timestamp that is later than all others.</summary>
    public const long Infinity = long.MaxValue;

    /// <summary>The timestamp that is earlier than all others.</summary>
    public const long NegativeInfinity = long.MinValue;

    /// <summary>The date that is later than all others.</summary>
    public const int InfinityDate = int.MaxValue;

    /// <summary>The date that is earlier than all others.</summary>
    public const int NegativeInfinityDate = int.MinValue;

    /// <summary>The first timestamp that the server takes, of the year 4714 BC.</summary>
    public const long FirstTimestamp = -211_813_488_000_000_000;

    /// <summary>The timestamp after the last one, of the year 294276.</summary>
    public const long EndOfTimestamps = 9_223_371_331_200_000_000;

    /// <summary>The first date that the server takes.</summary>
    public const int FirstDate = -2_451_545;

    /// <summary>The date after the last one, of the year 5874897.</summary>
    public const int EndOfDates = 2_145_031_949;

    /// <summary>Microseconds from 1970-01-01 to 2000-01-01.</summary>
    public const long UnixEpochBefore = 946_684_800_000_000;

    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    private static readonly int EpochDay = DateOnly.FromDateTime(Epoch).DayNumber;

    private static readonly long FirstDateTime = FromDateTime(DateTime.MinValue);

    private static readonly long LastDateTime = FromDateTime(DateTime.MaxValue);

    /// <summary>To microseconds; the clock time is taken as it stands, and what is finer is left out.</summary>
    public static long FromDateTime(DateTime time) => (time.Ticks - Epoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Ticks of .NET to microseconds, rounded as PostgreSQL rounds text: to the nearest, a half to the even one.</summary>
    public static long RoundTicks(long ticks)
    {
        var (microseconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerMicrosecond);
        return Math.Abs(rest) > 5 || (Math.Abs(rest) == 5 && microseconds % 2 != 0) ? microseconds + Math.Sign(rest) : microseconds;
    }

    /// <summary>True when .NET has the timestamp too: years 1 to 9999.</summary>
    public static bool IsDateTime(long microseconds) =>
        microseconds >= FirstDateTime && microseconds <= LastDateTime;

    /// <summary>True when .NET has the date too: years 1 to 9999.</summary>
    public static bool IsDateOnly(int days) =>
        days >= FromDate(DateOnly.MinValue) && days <= FromDate(DateOnly.MaxValue);

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
