namespace StreamingPg.Bench;

/// <summary>What came of a target.</summary>
internal enum Verdict
{
    Met,
    Missed,

    /// <summary>Nothing was to be met: the figure is what is asked for.</summary>
    NoTarget,

    /// <summary>The machine lacks what the measurement needs.</summary>
    NotRun,

    /// <summary>The measurement broke.</summary>
    Failed,
}
