namespace StreamingPg.Core.Telemetry;

/// <summary>How a batch ended.</summary>
internal static class BatchOutcome
{
    public const string Committed = "committed";

    /// <summary>The ledger had it; nothing was loaded.</summary>
    public const string AlreadyLoaded = "already_loaded";

    public const string Failed = "failed";

    /// <summary>It was told to stop and rolled back.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Committed, AlreadyLoaded, Failed, Cancelled];
}
