using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>What a user asks of a history.</summary>
internal sealed record HistoryOptions
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long it is.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>Its end (UTC); null means now.</summary>
    public DateTime? Until { get; init; }

    /// <summary>How the rate of events grew.</summary>
    public GrowthCurve Growth { get; init; }

    /// <summary>The rate at its end divided by that at its beginning.</summary>
    public double GrowthFactor { get; init; } = HistoryModel.DefaultGrowthFactor;

    /// <summary>Share of the people who leave within 30 days.</summary>
    public double Churn { get; init; }

    /// <summary>Time from batch to batch of the stream that it leads to; null when a rate is given, or rows in all.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Batches per second of the stream that it leads to.</summary>
    public double? BatchesPerSecond { get; init; }

    /// <summary>
    /// The options of the batch that the history is. With a pace, or without rows, it has the rows that a stream at that pace would have
    /// loaded meanwhile: at its end the rates are the same.
    /// </summary>
    /// <exception cref="StreamingException">An option is out of range.</exception>
    public BatchOptions Of(StreamModel model, BatchOptions batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batch);
        if (Interval is not null && BatchesPerSecond is not null)
        {
            throw Error("Interval and BatchesPerSecond exclude each other", "Use one of them.");
        }

        var options = batch with
        {
            ReferenceTime = Until ?? TimeProvider.System.GetUtcNow().UtcDateTime,
            EventSpan = Length,
            History = new HistoryModel(Growth, GrowthFactor, Churn),
        };
        options.Check(model);
        if (Interval is null && BatchesPerSecond is null && batch.Rows.Count > 0)
        {
            return options;
        }

        var rate = BatchesPerSecond ?? (1 / (Interval ?? DefaultInterval).TotalSeconds);
        if (rate is not (> 0 and <= 10_000))
        {
            throw Error("The rate of the stream is out of range", "Use at most 10,000 batches per second.");
        }

        var to = PostgresTime.FromDateTime(options.ReferenceTime.Value);
        var batches = new HistoryCurve(to - (long)Length.TotalMicroseconds, to, options.History, options.Rhythm).Total * rate / (TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        return options with
        {
            Rows = BatchRows.Of(model, batch).ToDictionary(table => table.Key, table => (long)Math.Round(table.Value * batches), StringComparer.Ordinal),
            RowsOfMetadata = false,
        };
    }

    private static StreamingException Error(string problem, string remedy) =>
        new(ErrorIds.OptionOutOfRange, StreamingErrorKind.InvalidInput, problem + ".", remedy);
}
