using System.Diagnostics;
using System.Globalization;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench;

/// <summary>The tables that have many rows already, loaded by the product itself.</summary>
internal sealed class GrownTables : IAsyncDisposable
{
    public const string Schema = "bench_grown";

    private GrownTables(DatabaseConnection connection, string description)
    {
        Connection = connection;
        Description = description;
    }

    public DatabaseConnection Connection { get; }

    /// <summary>How large they are, and how long it took to make them.</summary>
    public string Description { get; }

    public static async Task<GrownTables> MakeAsync(BenchServer server, long rows, CancellationToken cancellationToken)
    {
        Log.Write(string.Create(CultureInfo.InvariantCulture, $"Loading {rows:N0} rows for the tables that have grown"));
        var connection = await server.MakeSchemaAsync(Schema, cancellationToken);
        var options = new BatchOptions { Rows = ShopRows.OfTotal(rows).PerTable, Parallel = 2 };
        var begin = Stopwatch.GetTimestamp();
        var result = await BatchRunner.RunAsync(connection, MetadataReader.Default, options, progress: null, cancellationToken);
        var loaded = Stopwatch.GetElapsedTime(begin);
        await server.SettleAsync(Schema, cancellationToken);
        var description =
            $"{DisplayText.Count(result.TotalRows)} rows, loaded in {DisplayText.Duration(loaded)} with -Parallel 2 "
            + $"({DisplayText.Rate(result.TotalRows / loaded.TotalSeconds)} rows/s)";
        Log.Write("  " + description);
        return new GrownTables(connection, description);
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
