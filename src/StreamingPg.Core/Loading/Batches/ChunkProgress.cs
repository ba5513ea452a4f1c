namespace StreamingPg.Core.Loading.Batches;

/// <summary>How far a chunk is: for whoever watches the batch, and for the guard that looks out for a server that hangs.</summary>
internal sealed class ChunkProgress(BatchProgressCounter? counter, Watchdog guard)
{
    /// <summary>How long the server may give no sign.</summary>
    public TimeSpan StallTimeout => guard.Limit;

    /// <summary>Rows were sent.</summary>
    public void Add(string activity, int rows)
    {
        guard.Moved();
        counter?.Add(activity, rows);
    }
}
