using System.Diagnostics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

/// <summary>Says what happens to one batch to whoever listens to the meter or to the activity source; to nobody, at no cost.</summary>
internal readonly struct BatchTelemetry : IDisposable
{
    private readonly DatabaseConnection _connection;
    private readonly Activity? _span;

    private BatchTelemetry(DatabaseConnection connection, Activity? span)
    {
        _connection = connection;
        _span = span;
    }

    /// <summary>A batch begins; disposed, it has ended.</summary>
    public static BatchTelemetry Begin(DatabaseConnection connection, Guid batchId) =>
        new(connection, StreamingActivity.StartBatch(connection, batchId));

    /// <summary>Work that is no batch: its retries are counted, and it has no span.</summary>
    public static BatchTelemetry OfOtherWork(DatabaseConnection connection) => new(connection, span: null);

    /// <summary>The batch is in the database.</summary>
    public void Committed(BatchResult result)
    {
        var outcome = result.AlreadyLoaded ? BatchOutcome.AlreadyLoaded : BatchOutcome.Committed;
        StreamingMeter.End(_connection, outcome);
        if (!result.AlreadyLoaded)
        {
            StreamingMeter.Took(_connection, result.Duration);
        }

        if (_span is { } span)
        {
            StreamingActivity.Describe(span, result);
            Stop(outcome);
        }
    }

    /// <summary>A transaction of the batch is.</summary>
    public void ChunkCommitted(ChunkResult chunk)
    {
        if (!chunk.AlreadyLoaded)
        {
            StreamingMeter.Committed(_connection, chunk);
        }
    }

    /// <summary>A transaction failed and is repeated.</summary>
    public void Retried(StreamingException error)
    {
        StreamingMeter.Retry(_connection, error);
        if (_span is { } span)
        {
            StreamingActivity.Record(span, "retry", error);
        }
    }

    /// <summary>The batch failed for good.</summary>
    public void Failed(StreamingException error)
    {
        StreamingMeter.End(_connection, BatchOutcome.Failed);
        StreamingMeter.Fail(_connection, error);
        if (_span is { } span)
        {
            StreamingActivity.Fail(span, error);
            Stop(BatchOutcome.Failed);
        }
    }

    /// <summary>The batch was told to stop and rolled back.</summary>
    public void Cancelled()
    {
        StreamingMeter.End(_connection, BatchOutcome.Cancelled);
        Stop(BatchOutcome.Cancelled);
    }

    /// <summary>Ends the span, whatever became of the batch.</summary>
    public void Dispose() => _span?.Dispose();

    private void Stop(string outcome) => _span?.SetTag(TelemetryName.Outcome, outcome).Stop();
}

/// <summary>How a batch ended.</summary>
internal static class BatchOutcome
{
    public const string Committed = "committed";

    /// <summary>The ledger had it; nothing was loaded.</summary>
    public const string AlreadyLoaded = "already_loaded";

    public const string Failed = "failed";

    /// <summary>It was told to stop and rolled back.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Committed, AlreadyLoaded, Failed, Cancelled];
}

/// <summary>What a transaction of a batch is busy with.</summary>
internal static class BatchPhase
{
    public const string Generate = "generate";
    public const string Load = "load";
    public const string Verify = "verify";
    public const string Commit = "commit";
}
