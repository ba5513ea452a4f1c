using System.Diagnostics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

/// <summary>The activity source named StreamingPg: a span per batch, and under it one per phase of each transaction.</summary>
internal static class StreamingActivity
{
    private static readonly ActivitySource Source = new(TelemetryName.Source, ConnectionDefaults.Version);

    /// <summary>Starts the span of a batch; null when nobody listens.</summary>
    public static Activity? StartBatch(DatabaseConnection connection, Guid batchId)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var tags = OfDatabase(connection);
        tags.Add(TelemetryName.BatchId, batchId.ToString());
        return Source.StartActivity("batch", ActivityKind.Client, default(ActivityContext), tags);
    }

    /// <summary>Starts a phase, with a span where somebody listens.</summary>
    public static PhaseSpan StartPhase(DatabaseConnection connection, string phase, int chunk)
    {
        if (!Source.HasListeners())
        {
            return new PhaseSpan(span: null);
        }

        var tags = OfDatabase(connection);
        tags.Add(TelemetryName.Chunk, chunk);
        return new PhaseSpan(Source.StartActivity(phase, ActivityKind.Client, default(ActivityContext), tags));
    }

    /// <summary>Starts the phase of generating rows, which needs no database.</summary>
    public static PhaseSpan StartGenerating(int chunk) => new(
        Source.HasListeners() ? Source.StartActivity(BatchPhase.Generate)?.SetTag(TelemetryName.Chunk, chunk) : null);

    /// <summary>Says what a committed batch did.</summary>
    public static void Describe(Activity span, BatchResult result) => span
        .SetTag(TelemetryName.BatchNumber, result.BatchNumber)
        .SetTag(TelemetryName.Rows, result.TotalRows)
        .SetTag(TelemetryName.Chunks, result.Chunks)
        .SetTag(TelemetryName.Retries, result.Retries)
        .SetTag(TelemetryName.Seed, result.Seed)
        .SetTag(TelemetryName.ForeignKeyCheck, result.ForeignKeyCheck.ToString());

    /// <summary>Says why a batch failed.</summary>
    public static void Fail(Activity span, StreamingException error)
    {
        Record(span, "exception", error);
        span.SetTag(TelemetryName.ErrorType, error.ErrorId)
            .SetTag(TelemetryName.SqlState, error.SqlState)
            .SetStatus(ActivityStatusCode.Error, error.Message);
    }

    /// <summary>Adds an error to a span, be it the last or one that passes.</summary>
    public static void Record(Activity span, string name, StreamingException error)
    {
        var tags = new ActivityTagsCollection
        {
            ["exception.type"] = typeof(StreamingException).FullName,
            ["exception.message"] = error.Message,
            [TelemetryName.ErrorType] = error.ErrorId,
        };
        if (error.SqlState is { } state)
        {
            tags[TelemetryName.SqlState] = state;
        }

        span.AddEvent(new ActivityEvent(name, tags: tags));
    }

    private static TagList OfDatabase(DatabaseConnection connection)
    {
        var tags = DatabaseTags.Of(connection);
        tags.Add(TelemetryName.System, "postgresql");
        return tags;
    }
}

/// <summary>A phase: the time it takes, and its span. Disposed without having been completed, it failed.</summary>
internal readonly struct PhaseSpan(Activity? span) : IDisposable
{
    private readonly long _begin = Stopwatch.GetTimestamp();

    /// <summary>The phase did what it should.</summary>
    /// <returns>Its time.</returns>
    public TimeSpan Complete()
    {
        span?.Stop();
        return Stopwatch.GetElapsedTime(_begin);
    }

    public void Dispose()
    {
        if (span is { IsStopped: false })
        {
            // Why, the span of the batch says.
            span.SetStatus(ActivityStatusCode.Error);
            span.Dispose();
        }
    }
}
