namespace StreamingPg;

/// <summary>Unit of the value of a health check.</summary>
public enum HealthUnit
{
    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Days.</summary>
    Days,

    /// <summary>A share, 0 to 1.</summary>
    Share,

    /// <summary>Events per batch.</summary>
    PerBatch,

    /// <summary>Bytes.</summary>
    Bytes,
}
