namespace StreamingPg.Core.Telemetry;

/// <summary>Where the time of a chunk went.</summary>
internal readonly record struct ChunkFigures
{
    /// <summary>Making rows.</summary>
    public TimeSpan Generate { get; init; }

    /// <summary>Sending rows and waiting for the server, waiting for rows to be made included.</summary>
    public TimeSpan Load { get; init; }

    /// <summary>Waiting for rows to be made.</summary>
    public TimeSpan WaitForRows { get; init; }

    /// <summary>Proving the new rows.</summary>
    public TimeSpan Verify { get; init; }

    /// <summary>The commit.</summary>
    public TimeSpan Commit { get; init; }

    /// <summary>Bytes of rows that were sent by COPY.</summary>
    public long Bytes { get; init; }

    public static ChunkFigures operator +(ChunkFigures one, ChunkFigures other) => new()
    {
        Generate = one.Generate + other.Generate,
        Load = one.Load + other.Load,
        WaitForRows = one.WaitForRows + other.WaitForRows,
        Verify = one.Verify + other.Verify,
        Commit = one.Commit + other.Commit,
        Bytes = one.Bytes + other.Bytes,
    };
}
