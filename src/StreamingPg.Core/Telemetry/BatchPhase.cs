namespace StreamingPg.Core.Telemetry;

/// <summary>What a transaction of a batch is busy with.</summary>
internal static class BatchPhase
{
    public const string Generate = "generate";
    public const string Load = "load";
    public const string Verify = "verify";
    public const string Commit = "commit";
}
