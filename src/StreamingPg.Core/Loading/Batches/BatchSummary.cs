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
            RowsLoadedBefore = parts.Where(part => part.AlreadyLoaded).Sum(part => part.Rows.Values.Sum()),
            Connections = Math.Min(request.Options.Parallel, Math.Max(1, parts.Count - 1)),
            AlreadyLoaded = alreadyLoaded,
            CommittedAt = parts.Max(part => part.CommittedAt),
            Server = connection.ToString(),
            Statistics = request.Sampler?.Conclude(figures),
        };
    }
}
