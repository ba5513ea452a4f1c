using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Streaming;

/// <summary>
/// Retention of a stream. It goes through the tables once per tenth of the retention, so that what it looks at is in proportion to
/// what has grown old meanwhile, in the time between batches, and goes on after the next batch when that time was too short.
/// </summary>
internal sealed class StreamRetention
{
    private const double SweepsPerRetention = 10;
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private readonly DatabaseConnection _connection;
    private readonly StreamModel _model;
    private readonly RetentionOptions _options;
    private readonly TimeSpan _pause;
    private readonly TimeProvider _time;
    private RetentionSweep? _sweep;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    private StreamRetention(DatabaseConnection connection, StreamModel model, RetentionOptions options, TimeProvider time)
    {
        _connection = connection;
        _model = model;
        _options = options;
        _time = time;
        var tenth = options.OlderThan!.Value / SweepsPerRetention;
        _pause = tenth < LongestPause ? tenth : LongestPause;
    }

    /// <summary>The retention that a stream asks for, or null.</summary>
    public static StreamRetention? Of(DatabaseConnection connection, StreamModel model, StreamOptions options, TimeProvider time)
    {
        if (options.Retention is not { } retention)
        {
            return null;
        }

        // At least as many rows at once as a batch adds: a stream without pauses must not outrun its retention. Nothing is
        // repeated here; the next batch comes first.
        var chunk = (int)Math.Min(int.MaxValue, Math.Max(RetentionOptions.DefaultChunkSize, 2 * options.Batch.TotalRows));
        var asked = new RetentionOptions { OlderThan = retention, Force = options.Force, ChunkSize = chunk, MaxRetry = 0 };
        _ = new RetentionRule(connection, model, asked);
        return new StreamRetention(connection, model, asked, time);
    }

    /// <summary>Removes old rows, a page at least when a sweep is due or under way.</summary>
    /// <param name="hasTime">Says whether there is time for more.</param>
    /// <param name="events">Gets what was removed.</param>
    /// <param name="stop">Stops; the page in hand stays as it was.</param>
    /// <returns>Rows that were removed.</returns>
    /// <exception cref="StreamingException">It failed for a reason that does not pass.</exception>
    public async Task<long> RunAsync(Func<bool> hasTime, IProgress<BatchEvent> events, CancellationToken stop)
    {
        if (_sweep is null && _time.GetUtcNow() < _next)
        {
            return 0;
        }

        var before = _sweep?.Removed ?? 0;
        try
        {
            _sweep ??= await RetentionSweep.BeginAsync(_connection, _model, _options, _time, events, stop).ConfigureAwait(false);
            await SweepAsync(_sweep, hasTime, stop).ConfigureAwait(false);
        }
        catch (StreamingException error) when (ServerError.IsTransient(error))
        {
            events.Report(RetentionEvents.PutOff(error));
        }

        var removed = (_sweep?.Removed ?? 0) - before;
        if (_sweep is { Current: null })
        {
            _sweep = null;
            _next = _time.GetUtcNow() + _pause;
        }

        return removed;
    }

    private async Task SweepAsync(RetentionSweep sweep, Func<bool> hasTime, CancellationToken stop)
    {
        do
        {
            await sweep.StepAsync(_options.ChunkSize, stop).ConfigureAwait(false);
            if (sweep.Current!.IsDone)
            {
                sweep.Next();
            }
        }
        while (sweep.Current is not null && hasTime());

        if (sweep.Current is null)
        {
            await sweep.SumUpLedgerAsync(stop).ConfigureAwait(false);
        }
    }
}
