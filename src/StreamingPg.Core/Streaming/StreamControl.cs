using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Streaming;

/// <summary>Pauses, resumes and stops a stream of this process, for whoever shows it.</summary>
internal sealed class StreamControl : IDisposable
{
    private static readonly List<StreamControl> Streams = [];
    private static int _lastId;

    private readonly DatabaseConnection? _connection;
    private readonly Func<StreamSummary> _summary;
    private readonly CancellationTokenSource _stop;
    private volatile TaskCompletionSource? _resumed;

    private StreamControl(DatabaseConnection? connection, Func<StreamSummary> summary, CancellationToken stop)
    {
        _connection = connection;
        _summary = summary;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Stopping = _stop.Token;
    }

    /// <summary>Number of the stream in this process.</summary>
    public int Id { get; } = Interlocked.Increment(ref _lastId);

    /// <summary>Cancelled when the stream is told to stop, by its owner or by <see cref="Stop"/>.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>True from <see cref="Pause"/> to <see cref="Resume"/>; a batch in hand is finished.</summary>
    public bool IsPaused => _resumed is not null;

    /// <summary>Completes when the stream is resumed.</summary>
    public Task Resumed => _resumed?.Task ?? Task.CompletedTask;

    /// <summary>What the stream has done so far.</summary>
    public StreamSummary Summary => _summary();

    /// <summary>The stream starts.</summary>
    public static StreamControl Begin(DatabaseConnection? connection, Func<StreamSummary> summary, CancellationToken stop)
    {
        var control = new StreamControl(connection, summary, stop);
        lock (Streams)
        {
            Streams.Add(control);
        }

        return control;
    }

    /// <summary>The streams of this process into the tables of a database, oldest first.</summary>
    public static IReadOnlyList<StreamControl> Of(DatabaseConnection connection)
    {
        lock (Streams)
        {
            return [.. Streams.Where(stream => stream._connection?.HasSettingsOf(connection) == true)];
        }
    }

    /// <summary>Begins no batch until <see cref="Resume"/>.</summary>
    public void Pause() => _resumed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    public void Resume() => Interlocked.Exchange(ref _resumed, null)?.TrySetResult();

    /// <summary>Stops the stream as its owner would: the batch in hand is finished.</summary>
    public void Stop()
    {
        lock (Streams)
        {
            if (Streams.Contains(this))
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>The stream has ended.</summary>
    public void Dispose()
    {
        lock (Streams)
        {
            Streams.Remove(this);
            _stop.Dispose();
        }
    }
}
