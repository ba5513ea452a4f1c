using Npgsql;
using NpgsqlTypes;

namespace StreamingPg.Core.Sql;

/// <summary>A stretch of time, the beginning included and the end not. Either may be open.</summary>
internal sealed class TimeRange
{
    private readonly DateTime? _since;
    private readonly DateTime? _until;

    /// <exception cref="StreamingException">It ends before it begins.</exception>
    public TimeRange(DateTime? since, DateTime? until)
    {
        if (since >= until)
        {
            throw new StreamingException(
                ErrorIds.TimeRangeEmpty,
                StreamingErrorKind.InvalidInput,
                $"There is no time at or after {since:yyyy-MM-dd HH:mm:ss}Z and before {until:yyyy-MM-dd HH:mm:ss}Z.",
                "Use a -Since (--since) before -Until (--until).",
                since);
        }

        _since = since;
        _until = until;
    }

    /// <summary>True when one end is given at least.</summary>
    public bool IsGiven => _since is not null || _until is not null;

    /// <summary>The first two parameters of a query that asks <see cref="Holds"/>; the times are UTC.</summary>
    public NpgsqlParameter[] Parameters =>
    [
        Parameter.Of(Utc(_since), NpgsqlDbType.TimestampTz),
        Parameter.Of(Utc(_until), NpgsqlDbType.TimestampTz),
    ];

    /// <summary>SQL that is true for a time, a timestamptz, within the range.</summary>
    public static string Holds(string time) =>
        $"($1::timestamptz IS NULL OR {time} >= $1) AND ($2::timestamptz IS NULL OR {time} < $2)";

    /// <summary>SQL that is true for a time without time zone, which is meant as UTC, within the range.</summary>
    public static string HoldsUtc(string time) =>
        $"($1::timestamptz IS NULL OR {time} >= $1 AT TIME ZONE 'UTC') AND ($2::timestamptz IS NULL OR {time} < $2 AT TIME ZONE 'UTC')";

    private static DateTime? Utc(DateTime? time) => time is { } given ? DateTime.SpecifyKind(given, DateTimeKind.Utc) : null;
}
