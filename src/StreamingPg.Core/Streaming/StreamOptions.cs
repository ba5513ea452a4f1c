using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Streaming;

/// <summary>What a user asks of a stream of batches.</summary>
internal sealed record StreamOptions
{
    /// <summary>Repeats of a transaction when nothing else is asked: a stream runs unattended.</summary>
    public const int DefaultMaxRetry = 30;

    /// <summary>Time from batch to batch when nothing else is asked.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary>Each batch. Its id must be open.</summary>
    public required BatchOptions Batch { get; init; }

    /// <summary>Time from batch to batch; null when a rate is given.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Batches per second; null when something else is given.</summary>
    public double? BatchesPerSecond { get; init; }

    /// <summary>Rows of all tables per second; null when something else is given.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>How the batches are spread over time.</summary>
    public StreamArrival Arrival { get; init; } = StreamArrival.Steady;

    /// <summary>What happens to missed ticks.</summary>
    public CatchUp CatchUp { get; init; } = CatchUp.None;

    /// <summary>Stop after this many batches; null means no limit.</summary>
    public long? MaxBatches { get; init; }

    /// <summary>Stop after the batch that reaches this many rows; null means no limit.</summary>
    public long? MaxRows { get; init; }

    /// <summary>Start no batch after this long; null means no limit.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Begins no batch later than this instant; null goes on.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Rows older than this are removed as the stream goes on; null keeps them all.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Allows a retention of less than a minute.</summary>
    public bool Force { get; init; }

    /// <summary>Rows per table of a batch, or approximately; null means those of <see cref="Batch"/>.</summary>
    public IReadOnlyDictionary<string, long>? UsualRows { get; init; }

    private long TotalRows => (UsualRows ?? Batch.Rows).Values.Sum();

    /// <summary>The options with the rows that batches of a model have.</summary>
    public StreamOptions For(StreamModel model) => this with { UsualRows = BatchRows.Of(model, Batch) };

    /// <summary>Batches per second, whichever way they were requested.</summary>
    public double Rate =>
        BatchesPerSecond
        ?? RowsPerSecond / TotalRows
        ?? (1 / (Interval ?? DefaultInterval).TotalSeconds);

    /// <summary>When the events of its batches happen.</summary>
    public EventTime EventTime => Batch.EventTime ?? EventTime.Now;

    /// <summary>Rejects invalid options before anything touches the database.</summary>
    /// <exception cref="StreamingException">An option is out of range, or two contradict each other.</exception>
    internal void Check(StreamModel model)
    {
        Batch.Check(model);
        Require(
            new object?[] { Interval, BatchesPerSecond, RowsPerSecond }.Count(given => given is not null) <= 1,
            "Interval, BatchesPerSecond and RowsPerSecond exclude each other",
            "Use one of them.");
        Require(Batch.BatchId is null && !Batch.Resume, "Every batch of a stream gets its own id", "Omit BatchId and Resume.");
        Require(
            EventTime == EventTime.Spread || Batch.EventSpan is null,
            "TimeSpan says how far back events lie, but those of this stream happen now",
            "Omit TimeSpan, or use EventTime Spread.");
        Require(RowsPerSecond is null || TotalRows > 0, "RowsPerSecond needs batches with rows", "Request at least one row per batch.");
        Require(Rate is >= 1e-9 and <= 10_000, "The rate of the stream is out of range", "Use at most 10,000 batches per second and at least one in 30 years.");
        Require(MaxBatches is null or > 0, $"MaxBatches {MaxBatches} is out of range", "Use 1 or more.");
        Require(MaxRows is null || (MaxRows > 0 && TotalRows > 0), $"MaxRows {MaxRows} is out of range", "Use 1 or more, and batches with rows.");
        Require(Duration is null || Duration > TimeSpan.Zero, $"Duration {Duration} is out of range", "Use more than zero.");
        Require(Retention is null || Retention > TimeSpan.Zero, $"Retention {Retention} is out of range", "Use more than zero.");
    }

    private static void Require(bool holds, string problem, string remedy)
    {
        if (!holds)
        {
            throw new StreamingException(ErrorIds.StreamOptionInvalid, StreamingErrorKind.InvalidInput, problem + ".", remedy);
        }
    }
}
