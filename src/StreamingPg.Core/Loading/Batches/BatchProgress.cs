namespace StreamingPg.Core.Loading.Batches;

/// <summary>How far a batch is.</summary>
/// <param name="Activity">What is being done now, such as <c>loading transactions</c>.</param>
/// <param name="RowsDone">Rows sent so far.</param>
/// <param name="RowsTotal">Rows of the whole batch.</param>
internal readonly record struct BatchProgress(string Activity, long RowsDone, long RowsTotal);

/// <summary>Adds up the progress of the chunks of a batch.</summary>
internal sealed class BatchProgressCounter(IProgress<BatchProgress> progress, long totalRows)
{
    private long _rows;

    /// <summary>Reports that rows were sent.</summary>
    public void Add(string activity, int rows) =>
        progress.Report(new BatchProgress(activity, Interlocked.Add(ref _rows, rows), totalRows));
}
