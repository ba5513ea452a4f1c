namespace StreamingPg.Core.Loading.Batches;

/// <summary>Adds up the progress of the parts of a batch.</summary>
internal sealed class BatchProgressCounter(IProgress<BatchProgress> progress, long totalRows)
{
    private long _rows;

    /// <summary>Reports that rows were sent.</summary>
    public void Add(string activity, int rows) =>
        progress.Report(new BatchProgress(activity, Interlocked.Add(ref _rows, rows), totalRows));
}
