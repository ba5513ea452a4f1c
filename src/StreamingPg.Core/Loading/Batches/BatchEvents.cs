using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>The events of a batch's end.</summary>
internal static class BatchEvents
{
    public static BatchEvent Of(BatchResult result) => new()
    {
        Name = result.AlreadyLoaded ? BatchEvent.AlreadyLoaded : BatchEvent.Committed,
        BatchId = result.BatchId,
        Text = result.AlreadyLoaded
            ? $"Batch {result.BatchNumber} ({result.BatchId}) was loaded before."
            : $"Batch {result.BatchNumber} ({result.BatchId}): {DisplayText.Tables(result.Tables)} in {DisplayText.Duration(result.Duration)}; "
                + $"foreign keys by {result.ForeignKeyCheck}, because: {result.ForeignKeyCheckReason}.",
        Figures =
        [
            BatchEvent.Figure("batch_number", result.BatchNumber),
            BatchEvent.Figure("rows", result.TotalRows),
            .. result.Tables.Select(table => BatchEvent.Figure($"rows_{table.Table}", table.Rows)),
            BatchEvent.Figure("chunks", result.Chunks),
            BatchEvent.Figure("retries", result.Retries),
            BatchEvent.Figure("seconds", result.Duration.TotalSeconds),
            BatchEvent.Figure("rows_per_second", Math.Round(result.RowsPerSecond)),
            BatchEvent.Figure("seed", result.Seed),
        ],
    };

    public static BatchEvent Failed(Guid batchId, StreamingException error) => new()
    {
        Name = BatchEvent.Failed,
        BatchId = batchId,
        Text = $"Batch {batchId} failed: {error.Message}",
        Error = error,
    };
}
