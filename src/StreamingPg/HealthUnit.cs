namespace StreamingPg;

/// <summary>What the value of a health check counts.</summary>
public enum HealthUnit
{
    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Days.</summary>
    Days,

    /// <summary>A part of the whole, 0 to 1.</summary>
    Share,

    /// <summary>Events per batch.</summary>
    PerBatch,

    /// <summary>Bytes.</summary>
    Bytes,
}
