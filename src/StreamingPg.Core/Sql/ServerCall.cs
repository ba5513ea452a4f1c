using System.Runtime.CompilerServices;
using Npgsql;

namespace StreamingPg.Core.Sql;

/// <summary>Calls of the driver that end when they are told to, whatever state the server is in.</summary>
/// <remarks>
/// To cancel a command the driver asks the server on a second connection, and waits for it on the thread that cancels; a server that
/// stands still (stopped processes, a disk that hangs) never answers. So each call has a token of its own, which is cancelled on a thread
/// of the pool, and a call that does not end soon after is left behind: whoever waits for it goes on, and the connection is closed when
/// the driver gives it back. A session with such a call is never used again: the request to cancel may reach the server when the session
/// does something else, and the driver then takes the answers for those to other commands.
/// </remarks>
internal static class ServerCall
{
    // A server that is well ends a cancelled statement within a few milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static readonly ConditionalWeakTable<NpgsqlConnection, Task> LeftBehind = [];
    private static readonly ConditionalWeakTable<NpgsqlConnection, NpgsqlDataSource> Pools = [];
    private static readonly ConditionalWeakTable<NpgsqlConnection, Task> Stopped = [];

    // The driver mistakes the answers to a statement that the server refused when it was about to be prepared, the next time it is run.
    private static readonly ConditionalWeakTable<NpgsqlConnection, object> Refused = [];

    /// <summary>Opens a connection.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource pool, CancellationToken stop)
    {
        var open = await RunAsync(null, token => pool.OpenConnectionAsync(token).AsTask(), stop).ConfigureAwait(false);
        Pools.Add(open, pool);
        return open;
    }

    /// <summary>Does something on another connection of the same pool.</summary>
    public static async Task OnAnotherAsync(NpgsqlConnection open, Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken stop)
    {
        if (Pools.TryGetValue(open, out var pool))
        {
            var other = await OpenAsync(pool, stop).ConfigureAwait(false);
            try
            {
                await work(other, stop).ConfigureAwait(false);
            }
            finally
            {
                await CloseAsync(other).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a call on a connection.</summary>
    /// <param name="open">The connection; null while there is none yet.</param>
    /// <param name="call">The call, from its first message to the last that it reads.</param>
    /// <param name="stop">Tells it to end.</param>
    /// <exception cref="OperationCanceledException">It was told to end, and ended or was left behind.</exception>
    public static async Task<T> RunAsync<T>(NpgsqlConnection? open, Func<CancellationToken, Task<T>> call, CancellationToken stop)
    {
        try
        {
            return await RunUntilAsync(open, call, stop).ConfigureAwait(false);
        }
        catch (PostgresException) when (open is not null)
        {
            Refused.TryAdd(open, open);
            throw;
        }
    }

    private static async Task<T> RunUntilAsync<T>(NpgsqlConnection? open, Func<CancellationToken, Task<T>> call, CancellationToken stop)
    {
        if (!stop.CanBeCanceled)
        {
            return await call(stop).ConfigureAwait(false);
        }

        stop.ThrowIfCancellationRequested();
        var cancel = new CancellationTokenSource();
        var running = call(cancel.Token);
        if (running.IsCompleted || !await IsStoppedAsync(running, stop).ConfigureAwait(false))
        {
            cancel.Dispose();
            return await running.ConfigureAwait(false);
        }

        if (open is not null)
        {
            Stopped.AddOrUpdate(open, running);
        }

        _ = CancelAsync(running, cancel);
        if (await Task.WhenAny(running, Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false) != running)
        {
            if (open is not null)
            {
                LeftBehind.AddOrUpdate(open, running);
            }

            // A connection that comes too late is nobody's.
            _ = running.ContinueWith(
                static late => (late.Result as NpgsqlConnection)?.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw new OperationCanceledException("The server did not answer in time.", stop);
        }

        try
        {
            return await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw new OperationCanceledException(exception.Message, exception, stop);
        }
    }

    /// <inheritdoc cref="RunAsync{T}(NpgsqlConnection?, Func{CancellationToken, Task{T}}, CancellationToken)"/>
    public static Task RunAsync(NpgsqlConnection? open, Func<CancellationToken, Task> call, CancellationToken stop) => RunAsync(
        open,
        async token =>
        {
            await call(token).ConfigureAwait(false);
            return true;
        },
        stop);

    /// <summary>Runs a command that returns a single value.</summary>
    public static Task<object?> ReadValueAsync(this NpgsqlCommand command, CancellationToken stop) =>
        RunAsync(command.Connection, command.ExecuteScalarAsync, stop);

    /// <summary>Runs a command that returns nothing.</summary>
    public static Task<int> ExecuteAsync(this NpgsqlCommand command, CancellationToken stop) =>
        RunAsync(command.Connection, command.ExecuteNonQueryAsync, stop);

    /// <summary>True when a call on the connection was left behind, so that it cannot be used any more.</summary>
    public static bool IsLost(NpgsqlConnection open) => LeftBehind.TryGetValue(open, out _);

    /// <summary>Closes a connection: at once, or when the driver gives it back.</summary>
    public static ValueTask CloseAsync(NpgsqlConnection open)
    {
        if (LeftBehind.TryGetValue(open, out var running))
        {
            _ = CloseLaterAsync(open, running);
            return ValueTask.CompletedTask;
        }

        return Refused.TryGetValue(open, out _) && !Stopped.TryGetValue(open, out _) ? CloseUnpreparedAsync(open) : GiveBackAsync(open);
    }

    /// <summary>Forgets the prepared statements of a connection that goes back to the pool.</summary>
    private static async ValueTask CloseUnpreparedAsync(NpgsqlConnection open)
    {
        // The driver has no way that does not block.
        var forgetting = Task.Run(open.UnprepareAll);
        if (await Task.WhenAny(forgetting, Task.Delay(Patience)).ConfigureAwait(false) == forgetting)
        {
            await CloseLaterAsync(open, forgetting).ConfigureAwait(false);
        }
        else
        {
            _ = CloseLaterAsync(open, forgetting);
        }
    }

    /// <summary>Gives a connection back to its pool; one with a call that was told to end is closed there, with all that wait for work.</summary>
    private static ValueTask GiveBackAsync(NpgsqlConnection open)
    {
        if (Stopped.TryGetValue(open, out _) && Pools.TryGetValue(open, out var pool))
        {
            pool.Clear();
        }

        return open.DisposeAsync();
    }

    /// <summary>Waits for a call, or for what tells it to end.</summary>
    private static async Task<bool> IsStoppedAsync(Task running, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped).ConfigureAwait(false))
        {
            return await Task.WhenAny(running, stopped.Task).ConfigureAwait(false) != running;
        }
    }

    /// <summary>Cancels a call. Nobody waits for it: the thread may have to wait for the server, and the call may be left behind.</summary>
    private static async Task CancelAsync<T>(Task<T> running, CancellationTokenSource cancel)
    {
        await Task.WhenAny(Task.Run(cancel.Cancel, CancellationToken.None)).ConfigureAwait(false);
        await Task.WhenAny(running).ConfigureAwait(false);
        cancel.Dispose();
    }

    private static async Task CloseLaterAsync(NpgsqlConnection open, Task running)
    {
        await Task.WhenAny(running).ConfigureAwait(false);
        try
        {
            await GiveBackAsync(open).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException or InvalidOperationException)
        {
            // The connection broke meanwhile; the server takes the transaction back by itself.
        }
    }
}
