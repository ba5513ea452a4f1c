namespace StreamingPg;

/// <summary>What a health check found.</summary>
public enum HealthStatus
{
    /// <summary>Nothing to do.</summary>
    Ok,

    /// <summary>It could not be found out; the advice says why.</summary>
    Unknown,

    /// <summary>Look at it soon.</summary>
    Warning,

    /// <summary>Look at it now.</summary>
    Critical,
}
