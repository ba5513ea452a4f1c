namespace StreamingPg.Core.Loading.Batches;

/// <summary>How far a batch is.</summary>
/// <param name="Activity">What is being done now, such as <c>loading transactions</c>.</param>
/// <param name="RowsDone">Rows sent so far.</param>
/// <param name="RowsTotal">Rows of the whole batch.</param>
internal readonly record struct BatchProgress(string Activity, long RowsDone, long RowsTotal);
