using System.Diagnostics;
using System.Diagnostics.Metrics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Unit.Telemetry;

/// <summary>They listen to what the whole process does, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests : IDisposable
{
    private static readonly StreamingException Deadlock = new("Deadlock", StreamingErrorKind.Unexpected, "A deadlock.", "")
    {
        SqlState = "40P01",
    };

    private readonly DatabaseConnection _connection = new(
        new NpgsqlConnectionStringBuilder("Host=db.example.com;Port=5433;Database=shop;Username=loader;Password=pa55word"),
        "streaming",
        ConnectionSource.Parameter);

    [Fact]
    public void Without_a_listener_nothing_is_allocated()
    {
        var request = Request();
        var (result, part) = (Result(), Chunk());
        RunAll(request, result, part);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var batch = 0; batch < 100; batch++)
        {
            RunAll(request, result, part);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Everything_is_counted_by_what_tells_it_apart()
    {
        var seen = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == "StreamingPg")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        using (new StreamLag(_connection, () => TimeSpan.FromSeconds(1.5)))
        {
            RunAll(Request(), Result(), Chunk());
            listener.RecordObservableInstruments();
        }

        listener.RecordObservableInstruments();
        Assert.Equal(
            [
                "streamingpg.retries 1 {retry} error.type=Deadlock db.response.status_code=40P01",
                "streamingpg.rows 10 {row} db.collection.name=users",
                "streamingpg.rows 30 {row} db.collection.name=transactions",
                "streamingpg.phase.duration 0.25 s streamingpg.phase=generate",
                "streamingpg.phase.duration 0.5 s streamingpg.phase=load",
                "streamingpg.phase.duration 0.125 s streamingpg.phase=commit",
                "streamingpg.batches 1 {batch} streamingpg.outcome=committed",
                "streamingpg.batch.duration 1 s",
                "streamingpg.batches 1 {batch} streamingpg.outcome=failed",
                "streamingpg.errors 1 {error} error.type=Deadlock db.response.status_code=40P01",
                "streamingpg.batches 1 {batch} streamingpg.outcome=cancelled",
                "streamingpg.stream.missed_ticks 3 {tick}",
                "streamingpg.stream.lag 1.5 s",
            ],
            seen);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var texts = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").ToList();
            Assert.Equal(["server.address=db.example.com", "server.port=5433", "db.namespace=shop|streaming"], texts.Take(3));
            seen.Add(FormattableString.Invariant($"{instrument.Name} {value} {instrument.Unit} {string.Join(' ', texts.Skip(3))}").TrimEnd());
        }
    }

    [Fact]
    public void A_batch_is_a_span_with_its_retries_and_its_phases_under_it()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "StreamingPg",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using (var batch = BatchTelemetry.Begin(_connection, Request().BatchId))
        {
            using (StreamingActivity.StartPhase(_connection, BatchPhase.Load, chunk: 2))
            {
            }

            batch.Retried(Deadlock);
            using (var commit = StreamingActivity.StartPhase(_connection, BatchPhase.Commit, chunk: 2))
            {
                commit.Complete();
            }

            batch.Failed(Deadlock);
        }

        Assert.Equal(["load", "commit", "batch"], spans.Select(span => span.OperationName));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset, ActivityStatusCode.Error], spans.Select(span => span.Status));
        Assert.All(spans[..2], span => Assert.Equal((spans[2].SpanId, 2), (span.ParentSpanId, span.GetTagItem("streamingpg.chunk"))));
        Assert.Equal(["retry", "exception"], spans[2].Events.Select(one => one.Name));
        Assert.Equal(("Deadlock", "40P01"), (spans[2].GetTagItem("error.type"), spans[2].GetTagItem("db.response.status_code")));
        Assert.DoesNotContain(spans.SelectMany(span => span.TagObjects), tag => $"{tag.Value}".Contains("pa55word", StringComparison.Ordinal));
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>All that a batch, and a stream, ever say.</summary>
    private void RunAll(BatchRequest request, BatchResult result, ChunkResult part)
    {
        using var batch = BatchTelemetry.Begin(_connection, request.BatchId);
        using (var phase = StreamingActivity.StartPhase(_connection, BatchPhase.Load, chunk: 0))
        using (var generating = StreamingActivity.StartGenerating(chunk: 0))
        {
            generating.Complete();
            phase.Complete();
        }

        batch.Retried(Deadlock);
        batch.ChunkCommitted(part);
        batch.Committed(result);
        batch.Failed(Deadlock);
        batch.Cancelled();
        StreamingMeter.Miss(_connection, 3);
    }

    private static BatchRequest Request() => new(MetadataReader.Default, new BatchOptions { Rows = new Dictionary<string, long> { ["users"] = 10 } });

    private static ChunkResult Chunk() => new(
        new BatchPlan { Model = MetadataReader.Default, Seed = 1, BatchNumber = 1, ReferenceTime = default, KeyTime = 0, Rows = new Dictionary<string, long>() },
        new Dictionary<string, long> { ["users"] = 10, ["transactions"] = 30 },
        new ForeignKeyDecision(ForeignKeyCheck.Row, ""),
        new ChunkFigures
        {
            Generate = TimeSpan.FromSeconds(0.25), Load = TimeSpan.FromSeconds(0.5), Commit = TimeSpan.FromSeconds(0.125),
        },
        default,
        AlreadyLoaded: false);

    private static BatchResult Result() => new()
    {
        BatchId = Guid.Empty,
        BatchNumber = 1,
        Tables = [new TableCount("users", 10), new TableCount("transactions", 30)],
        Duration = TimeSpan.FromSeconds(1),
        GenerateTime = default,
        LoadTime = default,
        VerifyTime = default,
        CommitTime = default,
        ForeignKeyCheck = ForeignKeyCheck.Row,
        ForeignKeyCheckReason = "",
        Seed = 1,
        ReferenceTime = default,
        Server = "",
    };
}
