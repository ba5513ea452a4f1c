using StreamingPg.Bench.Measuring;
using StreamingPg.Bench.Models;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Rows;

/// <summary>Rows 12 and 14: tables of other shapes than the default ones, against the server's own COPY of the same rows, triggers off.</summary>
internal sealed class ModelLoadBenchmark : IBenchmark
{
    private const string Copy = "COPY FROM file, triggers off, same indexes";

    public IReadOnlyList<int> Rows => [12, 14];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        if (context.Wants(12))
        {
            findings.AddRange(await MeasureAsync(context, 12, BenchModel.Shop(context.Scale.ShopJsonRows), (0.8, 1.0), cancellationToken));
        }

        if (context.Wants(14))
        {
            findings.AddRange(await MeasureAsync(context, 14, BenchModel.Product(context.Scale.ProductRows), (0.7, 0.7), cancellationToken));
        }

        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> MeasureAsync(
        BenchContext context, int row, BenchModel model, (double One, double Two) targets, CancellationToken cancellationToken)
    {
        await using var tables = await ModelTables.MakeAsync(context.Server, $"bench_model_{row}", model, cancellationToken);
        var reason = "";
        var series = await SideBySide.RunAsync(
            context.Scale.BulkRounds,
            [Ours(1), Ours(2), Contender.Timed(Copy, tables.EmptyAsync, tables.CopyAsync)],
            cancellationToken);
        return [Compare(targets.One, "one connection", series[0]), Compare(targets.Two, "-Parallel 2", series[1])];

        Contender Ours(int parallel) => Contender.Timed(
            $"{model.Name}, {parallel} connections", tables.EmptyAsync, async stop => reason = await tables.LoadAsync(parallel, stop));

        Finding Compare(double target, string how, Series ours) => Finding.AtLeast(
            target,
            row,
            $"{model.Name}, {DisplayText.Count(model.Total)} rows, {how}",
            Copy,
            Ratio.Of(series[2], ours),
            $"{DisplayText.Rate(model.Total / ours.Median)} against {DisplayText.Rate(model.Total / series[2].Median)} rows/s, foreign keys by Set: {reason}");
    }
}

/// <summary>The tables of a model, and the files of rows for the baseline.</summary>
internal sealed class ModelTables : IAsyncDisposable
{
    private readonly BenchServer _server;
    private readonly BenchModel _model;
    private readonly DatabaseConnection _connection;

    private ModelTables(BenchServer server, BenchModel model, DatabaseConnection connection)
    {
        _server = server;
        _model = model;
        _connection = connection;
    }

    /// <summary>Makes the tables, and loads them once: for the files, and to warm up what the measured loads use.</summary>
    public static async Task<ModelTables> MakeAsync(BenchServer server, string schema, BenchModel model, CancellationToken cancellationToken)
    {
        var tables = new ModelTables(server, model, await server.MakeSchemaAsync(schema, model.Model, cancellationToken));
        await tables.LoadAsync(1, cancellationToken);
        foreach (var table in model.Model.Tables)
        {
            await server.ExecuteAsync($"COPY {tables._connection.Quote(table.Name)} TO {tables.FileOf(table)} (FORMAT binary)", cancellationToken);
        }

        return tables;
    }

    /// <summary>Empties the tables and makes a checkpoint, so that every measurement begins alike.</summary>
    public async Task EmptyAsync(CancellationToken cancellationToken)
    {
        await _server.ExecuteAsync($"TRUNCATE {string.Join(", ", _model.Model.Tables.Select(table => _connection.Quote(table.Name)))}", cancellationToken);
        await _server.CheckpointAsync(cancellationToken);
    }

    /// <summary>Loads a batch by the code behind Invoke-StreamingBatch.</summary>
    /// <returns>Why its foreign keys were verified by set.</returns>
    public async Task<string> LoadAsync(int parallel, CancellationToken cancellationToken)
    {
        var result = await BatchRunner.RunAsync(_connection, _model.Model, _model.Options(parallel), progress: null, cancellationToken);
        return result.TotalRows != _model.Total ? throw new InvalidOperationException($"The batch has {result.TotalRows} rows instead of {_model.Total}.")
            : result.ForeignKeyCheck != ForeignKeyCheck.Set ? throw new InvalidOperationException($"Foreign keys were verified by row: {result.ForeignKeyCheckReason}.")
            : result.ForeignKeyCheckReason;
    }

    /// <summary>Loads the same rows from the files, in one transaction and without triggers.</summary>
    public Task CopyAsync(CancellationToken cancellationToken) => _server.ExecuteAsync(
        $"BEGIN; SET LOCAL session_replication_role = replica; {string.Concat(_model.Model.Tables.Select(table => $"COPY {_connection.Quote(table.Name)} FROM {FileOf(table)} (FORMAT binary); "))}COMMIT",
        cancellationToken);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private string FileOf(TableModel table) => Identifier.Literal(Path.Combine(_server.RowFolder, $"{_connection.Schema}.{table.Name}.rows"));
}
