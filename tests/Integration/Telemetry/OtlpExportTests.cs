using System.Net;
using System.Net.Sockets;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>What <c>streamingpg</c> exports, to a receiver that the test starts.</summary>
[Collection(SecondPostgres.Name)]
public sealed class OtlpExportTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_batch_is_exported_by_http()
    {
        await using var database = await CreateAsync();
        using var receiver = new OtlpHttpReceiver();
        await RunAsync(database, receiver.Endpoint, "http/protobuf", "batch");

        AssertHasBatch(receiver.Data, database);
        Assert.NotEqual(OtlpData.Delta, receiver.Data.Temporality);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("")]
    public async Task A_batch_is_exported_by_grpc(string protocol)
    {
        await using var database = await CreateAsync();
        using var receiver = new OtlpGrpcReceiver();
        await RunAsync(database, receiver.Endpoint, protocol, "batch");

        AssertHasBatch(receiver.Data, database);
    }

    [Fact]
    public async Task What_the_specification_lets_a_user_say_is_heeded()
    {
        await using var database = await CreateAsync();
        using var receiver = new OtlpHttpReceiver();

        // A path that comes before its own, as Prometheus wants it.
        var run = await Program(database, receiver.Endpoint + "/api/v1/otlp", "http/protobuf")
            .With("OTEL_SERVICE_NAME", "loader")
            .With("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=nightly")
            .With("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")
            .With("OTEL_TRACES_EXPORTER", "none")
            .RunAsync("batch");

        run.Expect(0);
        Assert.Equal(("loader", "nightly"), (receiver.Data.Resource["service.name"], receiver.Data.Resource["service.instance.id"]));
        Assert.Equal(OtlpData.Delta, receiver.Data.Temporality);
        Assert.Empty(receiver.Data.Spans);
        Assert.All(receiver.Paths, path => Assert.Equal("/api/v1/otlp/v1/metrics", path));
    }

    [Fact]
    public async Task A_large_batch_has_a_span_per_phase_of_each_part()
    {
        await using var database = await CreateAsync();
        using var receiver = new OtlpHttpReceiver();
        await RunAsync(
            database, receiver.Endpoint, "http/protobuf", "batch", "--users", "500", "--transactions", "1500", "--details", "4000", "--chunk-size", "2000");

        var batch = Assert.Single(receiver.Data.Spans, span => span.Name == "batch");
        Assert.Equal("3", batch.Tags["streamingpg.batch.chunks"]);
        foreach (var phase in new[] { "generate", "load", "verify", "commit" })
        {
            var parts = receiver.Data.Spans.Where(span => span.Name == phase).Select(span => span.Tags["streamingpg.chunk"]).Distinct();
            Assert.Equal(["0", "1", "2"], parts.Order());
            Assert.Equal(3, receiver.Data.Count("streamingpg.phase.duration", "streamingpg.phase", phase));
        }

        Assert.Equal(6000, receiver.Data.Value("streamingpg.rows"));
        Assert.Equal(1, receiver.Data.Count("streamingpg.batch.duration"));
    }

    [Fact]
    public async Task A_stream_that_is_stopped_exports_what_it_did()
    {
        await using var database = await CreateAsync();
        using var receiver = new OtlpHttpReceiver();
        using var process = Program(database, receiver.Endpoint, "http/protobuf").With("OTEL_METRIC_EXPORT_INTERVAL", "100")
            .Start("stream", "--batches-per-second", "20", "--json");
        while (!receiver.Data.Metrics.ContainsKey("streamingpg.stream.lag"))
        {
            Assert.NotNull(await process.StandardOutput.NextLineAsync());
        }

        await process.SignalAsync("TERM");
        await process.StandardOutput.RestAsync();
        await process.EndAsync();

        Assert.Equal(0, process.ExitCode);
        var batches = await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'");
        Assert.Equal(batches, receiver.Data.Value("streamingpg.batches", "streamingpg.outcome", "committed"));
        Assert.Equal(batches * 140, receiver.Data.Value("streamingpg.rows"));
        Assert.Equal(batches, receiver.Data.Spans.Count(span => span.Name == "batch" && span.Tags["streamingpg.outcome"] == "committed"));
        Assert.Contains(receiver.Data.Points, point => point is { Metric: "streamingpg.stream.missed_ticks" });
        Assert.Equal(0, receiver.Data.Value("streamingpg.batches", "streamingpg.outcome", "failed"));
    }

    [Fact]
    public async Task A_retry_is_exported_with_its_sqlstate()
    {
        await using var database = await CreateAsync();
        await ServerFaultTests.RaiseAsync(database, "40001", times: 2);
        using var receiver = new OtlpHttpReceiver();
        (await Program(database, receiver.Endpoint, "http/protobuf").RunAsync("batch", "--max-retry", "3")).Expect(0);

        Assert.Equal(2, receiver.Data.Value("streamingpg.retries", "db.response.status_code", "40001"));
        Assert.Equal(140, receiver.Data.Value("streamingpg.rows"));
        var batch = Assert.Single(receiver.Data.Spans, span => span.Name == "batch");
        Assert.Equal((0L, "2"), (batch.Status, batch.Tags["streamingpg.batch.retries"]));
        Assert.All(batch.Events, retry => Assert.Contains("db.response.status_code=40001", retry, StringComparison.Ordinal));
        Assert.Equal(2, batch.Events.Count);
        Assert.Equal([2L, 2L, 0L], receiver.Data.Spans.Where(span => span.Name == "load").Select(span => span.Status));
    }

    [Fact]
    public async Task A_failure_is_exported_without_a_secret()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("DROP TABLE streaming.detailed_transactions");
        using var receiver = new OtlpHttpReceiver();
        var run = await Program(database, receiver.Endpoint, "http/protobuf").RunAsync("batch");

        Assert.Equal(1, run.ExitCode);
        var batch = Assert.Single(receiver.Data.Spans, span => span.Name == "batch");
        Assert.Equal((2L, "failed"), (batch.Status, batch.Tags["streamingpg.outcome"]));
        Assert.Equal(1, receiver.Data.Value("streamingpg.errors", "error.type", batch.Tags["error.type"]));
        Assert.Contains("exception.message", Assert.Single(batch.Events), StringComparison.Ordinal);
        AssertNoSecret(receiver.Data, database);
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task A_refused_endpoint_is_said_once_and_harms_nothing(string protocol)
    {
        await using var database = await CreateAsync();
        var endpoint = $"http://someone:pa55word@127.0.0.1:{OtlpHttpReceiver.FreePort()}";
        var run = (await Program(database, endpoint, protocol).RunAsync("batch")).Expect(0);

        AssertWarning(run.Error, "Connection refused");
        Assert.DoesNotContain("pa55word", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'"));
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task A_silent_endpoint_is_left_behind(string protocol)
    {
        await using var database = await CreateAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var endpoint = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";

        // The exporter's own limit, ten seconds by default, must not be over before the stream is.
        var program = Program(database, endpoint, protocol).With("OTEL_METRIC_EXPORT_INTERVAL", "100").With("OTEL_EXPORTER_OTLP_TIMEOUT", "600000");
        var run = (await program.RunAsync(
            "stream", "--batches-per-second", "10", "--max-batches", "10", "--catch-up", "All")).Expect(0);

        AssertWarning(run.Error, $"within {OtlpExport.FlushTimeout.TotalSeconds} s");
        Assert.Equal(10, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'"));
    }

    [Theory]
    [InlineData("localhost:4317", "grpc", "is not a URL")]
    [InlineData("http://localhost:4317", "http/json", "use grpc or http/protobuf")]
    public async Task Settings_that_cannot_be_are_said(string endpoint, string protocol, string said)
    {
        await using var database = await CreateAsync();
        var run = (await Program(database, endpoint, protocol).RunAsync("batch")).Expect(0);

        AssertWarning(run.Error, said);
    }

    [Fact]
    public async Task Streams_of_one_process_share_the_exporter()
    {
        await using var database = await CreateAsync();
        using var receiver = new OtlpHttpReceiver();
        Environment.SetEnvironmentVariable(OtlpExport.EndpointVariable, receiver.Endpoint);
        Environment.SetEnvironmentVariable(OtlpExport.ProtocolVariable, "http/protobuf");
        var warnings = new List<string>();
        await using (OtlpExport.Start(warnings.Add))
        {
            await using (OtlpExport.Start(warnings.Add))
            {
                await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
            }

            Assert.Equal(140, receiver.Data.Value("streamingpg.rows", "db.namespace", $"{database.Name}|streaming"));
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small with { BatchId = Guid.NewGuid() });
        }

        Environment.SetEnvironmentVariable(OtlpExport.EndpointVariable, null);
        Environment.SetEnvironmentVariable(OtlpExport.ProtocolVariable, null);
        Assert.Equal(280, receiver.Data.Value("streamingpg.rows", "db.namespace", $"{database.Name}|streaming"));
        Assert.Equal(2, receiver.Data.Spans.Count(span => span.Name == "batch" && span.Tags["db.namespace"] == $"{database.Name}|streaming"));
        Assert.Empty(warnings);
    }

    private static void AssertHasBatch(OtlpData data, TestDatabase database)
    {
        Assert.Equal("streamingpg", data.Resource["service.name"]);
        Assert.Equal(1, data.Value("streamingpg.batches", "streamingpg.outcome", "committed"));
        Assert.Equal(10, data.Value("streamingpg.rows", "db.collection.name", "users"));
        Assert.Equal(30, data.Value("streamingpg.rows", "db.collection.name", "transactions"));
        Assert.Equal(100, data.Value("streamingpg.rows", "db.collection.name", "detailed_transactions"));
        Assert.Equal(140, data.Value("streamingpg.rows", "db.namespace", $"{database.Name}|streaming"));
        Assert.True(data.Value("streamingpg.batch.duration") > data.Value("streamingpg.phase.duration"));
        Assert.Equal("{row}", data.Points.First(point => point.Metric == "streamingpg.rows").Unit);
        Assert.Equal(1, data.Value("db.client.connection.count", "db.client.connection.state", "idle"));
        Assert.True(data.Value("db.client.connection.max") > 0);

        var batch = Assert.Single(data.Spans, span => span.Name == "batch");
        Assert.Equal(("postgresql", "140", "committed"), (batch.Tags["db.system.name"], batch.Tags["streamingpg.batch.rows"], batch.Tags["streamingpg.outcome"]));
        Assert.Equal(["generate", "load"], data.Spans.Where(span => span.Parent == batch.Id).Select(span => span.Name).Order());
        Assert.All(data.Spans, span => Assert.Equal(0, span.Status));
        AssertNoSecret(data, database);
    }

    private static void AssertNoSecret(OtlpData data, TestDatabase database)
    {
        var values = data.Spans.SelectMany(span => span.Tags.Values.Concat(span.Events)).Concat(data.Points.SelectMany(point => point.Tags.Values));
        Assert.DoesNotContain(values, value => value.Contains(database.Settings().Password!, StringComparison.Ordinal));
        Assert.DoesNotContain(values, value => value.Contains("Username", StringComparison.OrdinalIgnoreCase));
    }

    private static void AssertWarning(string error, string said)
    {
        var warning = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("streamingpg: warning: ", warning, StringComparison.Ordinal);
        Assert.Contains(said, warning, StringComparison.Ordinal);
    }

    private static async Task RunAsync(TestDatabase database, string endpoint, string protocol, params string[] arguments) =>
        Assert.Equal("", (await Program(database, endpoint, protocol).RunAsync(arguments)).Expect(0).Error);

    private static StreamingPgProgram Program(TestDatabase database, string endpoint, string protocol) => StreamingPgProgram.On(database.Settings())
        .With(OtlpExport.EndpointVariable, endpoint)
        .With(OtlpExport.ProtocolVariable, protocol);

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
