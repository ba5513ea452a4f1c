namespace StreamingPg;

/// <summary>Why a stream ended.</summary>
public enum StreamStopReason
{
    /// <summary>It has not ended.</summary>
    Running,

    /// <summary>It reached the maximum number of batches.</summary>
    MaxBatches,

    /// <summary>It reached the maximum number of rows.</summary>
    MaxRows,

    /// <summary>It reached its duration or end time.</summary>
    TimeIsUp,

    /// <summary>It was told to stop: Ctrl+C, Stop-Job or a signal.</summary>
    Stopped,

    /// <summary>A batch failed permanently.</summary>
    Failed,
}
