using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

/// <summary>The meter named StreamingPg. Nothing is computed or allocated for an instrument that nobody listens to.</summary>
internal static class StreamingMeter
{
    private static readonly Meter Meter = new(TelemetryName.Source, ConnectionDefaults.Version);

    private static readonly Counter<long> Batches = Meter.CreateCounter<long>(
        "streamingpg.batches", "{batch}", "Batches that ended, by outcome.");

    private static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "streamingpg.rows", "{row}", "Rows committed, by table.");

    private static readonly Histogram<double> BatchDuration = Meter.CreateHistogram(
        "streamingpg.batch.duration", "s", "Time from the start of a batch to its commit, retries included.", advice: Seconds());

    private static readonly Histogram<double> PhaseDuration = Meter.CreateHistogram(
        "streamingpg.phase.duration", "s", "Time of each phase of a committed transaction: generate, load, verify, commit.", advice: Seconds());

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "streamingpg.retries", "{retry}", "Transactions retried after a transient error, by SQLSTATE.");

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "streamingpg.errors", "{error}", "Batches that failed permanently, by error and SQLSTATE.");

    private static readonly Counter<long> MissedTicks = Meter.CreateCounter<long>(
        "streamingpg.stream.missed_ticks", "{tick}", "Batches that a stream skipped because it was late.");

    static StreamingMeter() => Meter.CreateObservableGauge(
        "streamingpg.stream.lag", StreamLag.Observe, "s", "How far a running stream is behind its schedule.");

    /// <summary>A batch ended.</summary>
    public static void End(DatabaseConnection connection, string outcome)
    {
        if (Batches.Enabled)
        {
            var tags = DatabaseTags.Of(connection);
            tags.Add(TelemetryName.Outcome, outcome);
            Batches.Add(1, tags);
        }
    }

    /// <summary>A batch was committed; it took this long.</summary>
    public static void Took(DatabaseConnection connection, TimeSpan duration)
    {
        if (BatchDuration.Enabled)
        {
            BatchDuration.Record(duration.TotalSeconds, DatabaseTags.Of(connection));
        }
    }

    /// <summary>A transaction was committed.</summary>
    public static void Committed(DatabaseConnection connection, ChunkResult chunk)
    {
        if (Rows.Enabled)
        {
            foreach (var (table, rows) in chunk.Rows)
            {
                var tags = DatabaseTags.Of(connection);
                tags.Add(TelemetryName.Table, table);
                Rows.Add(rows, tags);
            }
        }

        if (PhaseDuration.Enabled)
        {
            Record(connection, BatchPhase.Generate, chunk.Figures.Generate);
            Record(connection, BatchPhase.Load, chunk.Figures.Load);
            Record(connection, BatchPhase.Verify, chunk.Figures.Verify);
            Record(connection, BatchPhase.Commit, chunk.Figures.Commit);
        }
    }

    /// <summary>A transaction is repeated.</summary>
    public static void Retry(DatabaseConnection connection, StreamingException error) => Count(Retries, connection, error);

    /// <summary>A batch failed for good.</summary>
    public static void Fail(DatabaseConnection connection, StreamingException error) => Count(Errors, connection, error);

    /// <summary>Ticks of a stream went by.</summary>
    public static void Miss(DatabaseConnection connection, long ticks)
    {
        if (MissedTicks.Enabled)
        {
            MissedTicks.Add(ticks, DatabaseTags.Of(connection));
        }
    }

    /// <summary>
    /// A stream begins: its counters begin at zero, since whoever looks at increases does not see the first of a counter that comes
    /// into being with it.
    /// </summary>
    public static void Begin(DatabaseConnection connection)
    {
        Miss(connection, 0);
        if (Batches.Enabled)
        {
            foreach (var outcome in BatchOutcome.All)
            {
                var tags = DatabaseTags.Of(connection);
                tags.Add(TelemetryName.Outcome, outcome);
                Batches.Add(0, tags);
            }
        }
    }

    private static void Count(Counter<long> counter, DatabaseConnection connection, StreamingException error)
    {
        if (counter.Enabled)
        {
            var tags = DatabaseTags.Of(connection);
            tags.Add(TelemetryName.ErrorType, error.ErrorId);
            if (error.SqlState is { } state)
            {
                tags.Add(TelemetryName.SqlState, state);
            }

            counter.Add(1, tags);
        }
    }

    // A small chunk is verified by the statements that load it, and has no phase of its own for that.
    private static void Record(DatabaseConnection connection, string phase, TimeSpan duration)
    {
        if (duration > TimeSpan.Zero)
        {
            var tags = DatabaseTags.Of(connection);
            tags.Add(TelemetryName.Phase, phase);
            PhaseDuration.Record(duration.TotalSeconds, tags);
        }
    }

    // From a small batch on the same machine to a load that takes an hour.
    private static InstrumentAdvice<double> Seconds() => new()
    {
        HistogramBucketBoundaries =
            [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    };
}

/// <summary>The running streams of this process, each with how far it is behind its schedule at this moment.</summary>
internal sealed class StreamLag : IDisposable
{
    private static readonly ConcurrentDictionary<StreamLag, Func<TimeSpan>> Running = [];

    private readonly DatabaseConnection _connection;

    /// <param name="connection">The database.</param>
    /// <param name="lag">Tells the lag; called from any thread.</param>
    public StreamLag(DatabaseConnection connection, Func<TimeSpan> lag)
    {
        _connection = connection;
        Running[this] = lag;
    }

    public static IEnumerable<Measurement<double>> Observe() =>
        Running.Select(static stream => new Measurement<double>(stream.Value().TotalSeconds, DatabaseTags.Of(stream.Key._connection)));

    /// <summary>The stream ended.</summary>
    public void Dispose() => Running.TryRemove(this, out _);
}
