using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench;

/// <summary>What the benchmarks of a run share.</summary>
internal sealed class BenchContext : IAsyncDisposable
{
    private GrownTables? _grown;

    public BenchContext(BenchOptions options, BenchServer server)
    {
        Options = options;
        Server = server;
    }

    public BenchOptions Options { get; }

    public BenchScale Scale => Options.Scale;

    public BenchServer Server { get; }

    /// <summary>True when the user wants this row.</summary>
    public bool Wants(int row) => Options.Rows.Contains(row);

    /// <summary>The tables that have grown; made when they are first asked for.</summary>
    public async Task<GrownTables> GetGrownAsync(CancellationToken cancellationToken) =>
        _grown ??= await GrownTables.MakeAsync(Server, Scale.GrownRows, cancellationToken);

    /// <summary>Loads a batch by the code behind Invoke-StreamingBatch and makes sure that it did what it is measured for.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="parallel">How many connections.</param>
    /// <param name="check">How foreign keys must have been verified, or null if either is fine.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<BatchResult> LoadAsync(
        DatabaseConnection connection, ShopRows rows, int parallel, ForeignKeyCheck? check, CancellationToken cancellationToken)
    {
        var options = new BatchOptions { Rows = rows.PerTable, Parallel = parallel, ChunkSize = Scale.BulkChunk };
        var result = await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, cancellationToken);
        if (result.TotalRows != rows.Total)
        {
            throw new InvalidOperationException($"The batch has {result.TotalRows} rows instead of {rows.Total}.");
        }

        if (check is not null && result.ForeignKeyCheck != check)
        {
            throw new InvalidOperationException(
                $"Foreign keys were verified by {result.ForeignKeyCheck} instead of {check}: {result.ForeignKeyCheckReason}.");
        }

        return result;
    }

    public ValueTask DisposeAsync() => _grown?.DisposeAsync() ?? ValueTask.CompletedTask;
}
