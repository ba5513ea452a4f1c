namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Reads the times that users type.</summary>
internal static class UtcTime
{
    /// <summary>The instant in UTC; a time that does not say where it is meant is taken as UTC.</summary>
    public static DateTime? Of(DateTime? time) => time?.Kind switch
    {
        null => null,
        DateTimeKind.Local => time.Value.ToUniversalTime(),
        _ => DateTime.SpecifyKind(time.Value, DateTimeKind.Utc),
    };
}
