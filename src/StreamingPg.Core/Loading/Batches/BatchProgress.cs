namespace StreamingPg.Core.Loading.Batches;

/// <summary>How far a batch is.</summary>
/// <param name="Activity">What is being done now, such as <c>loading transactions</c>.</param>
/// <param name="RowsDone">Rows sent so far.</param>
/// <param name="RowsTotal">Rows of the whole batch.</param>
internal readonly record struct BatchProgress(string Activity, long RowsDone, long RowsTotal)
{
    /// <summary>The share that is done, 0 to 1; null if nobody knows how many rows there will be.</summary>
    public double? Share => RowsTotal > 0 ? Math.Min(1.0, (double)RowsDone / RowsTotal) : null;

    /// <summary>Rows, percent and rate, in a line that leaves room beside it at 80 columns.</summary>
    /// <param name="elapsed">Time since the work began.</param>
    public string Text(TimeSpan elapsed)
    {
        var rate = elapsed > TimeSpan.Zero ? $", {DisplayText.Rate(RowsDone / elapsed.TotalSeconds)}/s" : "";
        return Share is { } share
            ? $"{DisplayText.Count(RowsDone)} of {DisplayText.Count(RowsTotal)} rows, {(int)(100 * share)} %{rate}"
            : $"{Activity}: {DisplayText.Count(RowsDone)} rows{rate}";
    }

    /// <summary>Time to the end at the rate so far; null if it cannot be said.</summary>
    /// <param name="elapsed">Time since the work began.</param>
    public TimeSpan? TimeLeft(TimeSpan elapsed) => Share is > 0 and var share ? elapsed * ((1 - share) / share) : null;
}

/// <summary>Adds up the progress of the chunks of a batch.</summary>
internal sealed class BatchProgressCounter(IProgress<BatchProgress> progress, long totalRows)
{
    private long _rows;

    /// <summary>Reports that rows were sent.</summary>
    public void Add(string activity, int rows) =>
        progress.Report(new BatchProgress(activity, Interlocked.Add(ref _rows, rows), totalRows));
}
