using Npgsql;

namespace StreamingPg.Core.Loading;

/// <summary>Ends an attempt that has not got on for a while: a server may hang without closing its connections.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _outer;

    public Watchdog(TimeSpan limit, CancellationToken outer)
    {
        Limit = limit;
        _outer = outer;
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        Moved();
    }

    /// <summary>How long an attempt may not get on.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Cancelled when the attempt hangs, or when the outer token is.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True when the attempt was ended because it hung.</summary>
    public bool HasStalled => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>The attempt got on: its time starts over.</summary>
    public void Moved() => _source.CancelAfter(Limit);

    /// <summary>What is thrown for an attempt that hung; it is transient.</summary>
    public NpgsqlException Error(Exception cause) => new(
        $"the server was silent for {DisplayText.Duration(Limit)}", new TimeoutException("The server was silent.", cause));

    public void Dispose() => _source.Dispose();
}
