namespace StreamingPg.Bench;

/// <summary>What came of a target.</summary>
internal enum Verdict
{
    Met,
    Missed,

    /// <summary>The machine lacks what the measurement needs.</summary>
    NotRun,

    /// <summary>The measurement broke.</summary>
    Failed,
}
