namespace StreamingPg;

/// <summary>Why a stream ended.</summary>
public enum StreamStopReason
{
    /// <summary>It has not ended.</summary>
    Running,

    /// <summary>It made as many batches as were asked for.</summary>
    MaxBatches,

    /// <summary>It loaded as many rows as were asked for.</summary>
    MaxRows,

    /// <summary>Its time was up.</summary>
    TimeIsUp,

    /// <summary>It was told to stop: Ctrl+C, Stop-Job or a signal.</summary>
    Stopped,

    /// <summary>A batch failed for good.</summary>
    Failed,
}
