using System.Collections.Concurrent;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading;

/// <summary>Looks at the sessions of a batch from a connection of its own, to tell whether the server was at work or waited for us.</summary>
internal sealed class ServerSampler : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly DatabaseConnection _connection;
    private readonly ConcurrentDictionary<int, bool> _sessions = new();
    private readonly ConcurrentDictionary<string, int> _waits = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;
    private int _samples;
    private int _busy;

    public ServerSampler(DatabaseConnection connection)
    {
        _connection = connection;
        _sampling = Task.Run(SampleAsync);
    }

    /// <summary>Looks at a session from now on, until what is returned is disposed.</summary>
    public IDisposable Watch(NpgsqlConnection open)
    {
        var session = open.ProcessID;
        _sessions[session] = true;
        return new Leaving(() => _sessions.TryRemove(session, out _));
    }

    /// <summary>What the samples say, together with the figures of the chunks.</summary>
    public BatchStatistics Conclude(ChunkFigures figures)
    {
        var busy = _samples == 0 ? (double?)null : (double)_busy / _samples;
        var sending = figures.Load - figures.WaitForRows;
        return new BatchStatistics
        {
            Limit = figures.WaitForRows > sending ? BatchLimit.Generator
                : busy is null ? BatchLimit.TooShortToTell
                : busy < 0.5 ? BatchLimit.Network
                : BatchLimit.Server,
            WaitedForRows = figures.WaitForRows,
            Sending = sending,
            BytesSent = figures.Bytes,
            Samples = _samples,
            ServerBusy = busy,
            ServerWaitsFor = _waits.IsEmpty ? null : _waits.MaxBy(wait => wait.Value) is { } most && most.Value > _busy / 2 ? most.Key : null,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sampling.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task SampleAsync()
    {
        try
        {
            await using var session = await Session.OpenAsync(_connection, SessionKind.Read, _stop.Token).ConfigureAwait(false);
            while (true)
            {
                // A transaction of its own: within one, the server shows the same sessions again.
                var commands = new CommandBatch(session.Open);
                session.Begin(commands);
                commands.Query(
                    "SELECT COALESCE(wait_event_type || ' ' || wait_event, '') FROM pg_stat_activity WHERE pid = ANY ($1) AND state = 'active'",
                    row => Count(row.GetString(0)),
                    Parameter.Of(_sessions.Keys.ToArray()));
                session.Commit(commands);
                await commands.ExecuteAsync(_stop.Token).ConfigureAwait(false);
                await Task.Delay(Pause, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The batch is over.
        }
        catch (Exception exception) when (exception is NpgsqlException or StreamingException)
        {
            // Statistics are no reason for a batch to fail; there are then fewer samples, and their number is shown.
        }
    }

    private void Count(string wait)
    {
        _samples++;
        if (wait == "Client ClientRead")
        {
            return;
        }

        _busy++;
        if (wait.Length > 0)
        {
            _waits.AddOrUpdate(wait, 1, (_, count) => count + 1);
        }
    }

    private sealed class Leaving(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
