namespace StreamingPg.Core.Binary;

/// <summary>The times that users type: ISO 8601 and what PostgreSQL prints, in local time unless they name a zone.</summary>
internal static class InstantText
{
    /// <summary>What a time may look like.</summary>
    public const string Examples = "such as 2026-01-31, \"2026-01-31 17:30\" (local time) or 2026-01-31T17:30:00Z, or now";

    /// <summary>The time in UTC; null when the text is none, or names a local time that the clocks leave out.</summary>
    public static DateTime? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim().Equals("now", StringComparison.OrdinalIgnoreCase) ? TimeProvider.System.GetUtcNow().UtcDateTime
            : TimeText.Instant(text, offset: null) is { } instant ? ToUtc(instant)
            : TimeText.Timestamp(text) is { } local && PostgresTime.IsDateTime(local) ? ToUtc(PostgresTime.ToDateTime(local))
            : null;
    }

    /// <summary>The time in UTC; one without a zone is local, as everywhere in .NET.</summary>
    public static DateTime? ToUtc(DateTime time) => time.Kind switch
    {
        DateTimeKind.Utc => time,
        _ when TimeZoneInfo.Local.IsInvalidTime(DateTime.SpecifyKind(time, DateTimeKind.Unspecified)) => null,
        _ => DateTime.SpecifyKind(time, DateTimeKind.Local).ToUniversalTime(),
    };

    private static DateTime? ToUtc(long microseconds) => PostgresTime.IsDateTime(microseconds)
        ? DateTime.SpecifyKind(PostgresTime.ToDateTime(microseconds), DateTimeKind.Utc)
        : null;
}
