namespace StreamingPg;

/// <summary>The status of a health check.</summary>
public enum HealthStatus
{
    /// <summary>Nothing to do.</summary>
    Ok,

    /// <summary>The status could not be determined; the advice says why.</summary>
    Unknown,

    /// <summary>Needs attention soon.</summary>
    Warning,

    /// <summary>Needs attention now.</summary>
    Critical,
}
