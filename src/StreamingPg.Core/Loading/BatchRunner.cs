using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>Generates, loads, proves and commits one batch.</summary>
public static class BatchRunner
{
    /// <summary>Runs a batch to its commit.</summary>
    /// <remarks>
    /// A batch of more than <see cref="BatchOptions.ChunkSize"/> rows is loaded in parts, each a transaction with a ledger row of
    /// its own. The first part goes alone, because the others may refer to its rows.
    /// </remarks>
    /// <exception cref="StreamingException">It failed; nothing of the part in hand stays, earlier parts do.</exception>
    public static async Task<BatchResult> RunAsync(
        DatabaseConnection connection,
        StreamModel model,
        BatchOptions options,
        IProgress<BatchProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(model);

        // An unknown locale must be known before anything touches the database.
        _ = ValuePools.For(options.Locale);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        var request = new BatchRequest(model, options);
        var report = progress is null ? null : new BatchProgressCounter(progress, options.TotalRows);
        try
        {
            var loader = new PartLoader(connection, request, report);
            var first = await loader.LoadAsync(plan: null, part: 0, cancellationToken).ConfigureAwait(false);
            var others = await LoadOthersAsync(loader, request, first.Plan, cancellationToken).ConfigureAwait(false);
            return BatchSummary.Of(connection, request, first.Plan, [first, .. others], clock.Elapsed);
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or IOException or TimeoutException)
        {
            throw ServerError.Translate(exception, connection, "Loading a batch");
        }
    }

    private static async Task<IReadOnlyList<PartResult>> LoadOthersAsync(
        PartLoader loader, BatchRequest request, BatchPlan plan, CancellationToken cancellationToken)
    {
        var results = new PartResult[plan.Parts - 1];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = request.Options.Parallel,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(1, plan.Parts, parallel, async (part, stop) =>
            results[part - 1] = await loader.LoadAsync(plan, part, stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        return results;
    }
}
