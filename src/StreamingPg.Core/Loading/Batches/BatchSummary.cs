using StreamingPg.Core.Connections;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>Adds up what the parts of a batch did.</summary>
internal static class BatchSummary
{
    public static BatchResult Of(
        DatabaseConnection connection, BatchRequest request, IReadOnlyList<ChunkResult> parts, TimeSpan duration, int retries)
    {
        var plan = parts[0].Plan;
        var figures = parts.Aggregate(default(ChunkFigures), (sum, part) => sum + part.Figures);
        var alreadyLoaded = parts.All(part => part.AlreadyLoaded);
        return new BatchResult
        {
            BatchId = request.BatchId,
            BatchNumber = plan.BatchNumber,
            Tables =
            [
                .. plan.Model.Tables.Select(table =>
                    new TableCount(table.Name, parts.Sum(part => part.Rows.GetValueOrDefault(table.Name)))),
            ],
            Duration = alreadyLoaded ? TimeSpan.Zero : duration,
            GenerateTime = figures.Generate,
            LoadTime = figures.Load,
            VerifyTime = figures.Verify,
            CommitTime = figures.Commit,
            ForeignKeyCheck = parts[0].Check.Check,
            ForeignKeyCheckReason = parts[0].Check.Reason,
            Seed = plan.Seed,
            ReferenceTime = plan.ReferenceTime,
            Chunks = parts.Count,
            Retries = retries,
            LateRows = figures.LateRows,
            RowsLoadedBefore = parts.Where(part => part.AlreadyLoaded).Sum(part => part.Rows.Values.Sum()),
            Connections = Math.Min(request.Options.Parallel, Math.Max(1, parts.Count - 1)),
            AlreadyLoaded = alreadyLoaded,
            CommittedAt = parts.Max(part => part.CommittedAt),
            Server = connection.ToString(),
            Statistics = request.Sampler?.Conclude(figures),
        };
    }
}

/// <summary>The events of a batch's end.</summary>
internal static class BatchEvents
{
    public static BatchEvent Of(BatchResult result) => new()
    {
        Name = result.AlreadyLoaded ? BatchEvent.AlreadyLoaded : BatchEvent.Committed,
        BatchId = result.BatchId,
        Text = result.AlreadyLoaded
            ? $"Batch {result.BatchNumber} ({result.BatchId}) is already loaded."
            : $"Batch {result.BatchNumber} ({result.BatchId}): {DisplayText.Tables(result.Tables)} in {DisplayText.Duration(result.Duration)}; "
                + $"foreign key check {result.ForeignKeyCheck} ({result.ForeignKeyCheckReason}).",
        Figures =
        [
            BatchEvent.Figure("batch_number", result.BatchNumber),
            BatchEvent.Figure("rows", result.TotalRows),
            .. result.Tables.Select(table => BatchEvent.Figure($"rows_{table.Table}", table.Rows)),
            BatchEvent.Figure("chunks", result.Chunks),
            BatchEvent.Figure("retries", result.Retries),
            BatchEvent.Figure("late_rows", result.LateRows),
            BatchEvent.Figure("seconds", result.Duration.TotalSeconds),
            BatchEvent.Figure("rows_per_second", Math.Round(result.RowsPerSecond)),
            BatchEvent.Figure("seed", result.Seed),
        ],
    };

    public static BatchEvent PartitionsNotCreated(Guid batchId, StreamingException error) => new()
    {
        Name = BatchEvent.PartitionsNotCreated,
        BatchId = batchId,
        Text = $"Partitions could not be created, so rows go to the default partition. Let a role that may create partitions run Update-StreamingSchema (streamingpg update-schema) ahead of the rows. {error.Message}",
        Error = error,
    };

    public static BatchEvent Failed(Guid batchId, StreamingException error) => new()
    {
        Name = BatchEvent.Failed,
        BatchId = batchId,
        Text = $"Batch {batchId} failed: {error.Message}",
        Error = error,
    };
}
