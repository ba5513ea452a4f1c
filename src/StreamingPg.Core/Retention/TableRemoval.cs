using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>Removes the old rows of one table, page by page, each a short transaction.</summary>
internal sealed class TableRemoval
{
    // Waits for a lock are short, so that whoever waits behind us waits as short; and a client that vanished keeps no lock.
    private const string SettingsSql = $"SELECT set_config('lock_timeout', '2s', true), {SessionSettings.EndWithClient}";

    private readonly DatabaseConnection _connection;
    private readonly RemovalLedger _ledger;
    private readonly KeptParents _kept;
    private readonly RemovalSql _sql;
    private readonly bool _refersToItself;
    private string[]? _place;
    private long _examined;
    private long _removed;
    private long _removedBeforePass;
    private bool _isFirstPass = true;
    private TimeSpan _duration;

    /// <param name="connection">The database.</param>
    /// <param name="table">Name of the table.</param>
    /// <param name="before">The time before which its rows are old; null when they are selected otherwise.</param>
    /// <param name="sql">Its statements.</param>
    /// <param name="ledger">Counts what is removed.</param>
    /// <param name="kept">The rows that stay for unfinished batches.</param>
    /// <param name="refersToItself">True when rows of the table refer to others of it.</param>
    /// <param name="parts">The table of parts that go with its rows, or null.</param>
    public TableRemoval(
        DatabaseConnection connection,
        string table,
        DateTime? before,
        RemovalSql sql,
        RemovalLedger ledger,
        KeptParents kept,
        bool refersToItself,
        TableRemoval? parts)
    {
        _connection = connection;
        Table = table;
        Before = before;
        _sql = sql;
        _ledger = ledger;
        _kept = kept;
        _refersToItself = refersToItself;
        Parts = parts;
    }

    /// <summary>Name of the table.</summary>
    public string Table { get; }

    /// <summary>The time before which its rows are old, or null.</summary>
    public DateTime? Before { get; }

    /// <summary>The table of parts that go with its rows, or null.</summary>
    public TableRemoval? Parts { get; }

    /// <summary>True when the end of the table was reached.</summary>
    public bool IsDone { get; private set; }

    /// <summary>What was done so far.</summary>
    public RemovalResult Result =>
        new() { Table = Table, Before = Before, Examined = _examined, Removed = _removed, Duration = _duration };

    /// <summary>Rows that went with their partitions.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds rows that went with their partitions.</summary>
    public void AddDropped(long rows)
    {
        Dropped = rows;
        _examined += rows;
        _removed += rows;
        _removedBeforePass += rows;
    }

    /// <summary>Goes through one page.</summary>
    /// <param name="retry">Repeats its transactions.</param>
    /// <param name="most">Maximum rows to remove.</param>
    /// <param name="cancellationToken">Cancels; the page stays as it was.</param>
    public async Task StepAsync(TransientRetry retry, int most, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var page = await retry.RunAsync(_ => FindPageAsync(most, cancellationToken), isWorthRepeating: _ => false).ConfigureAwait(false);
        if (page is { Old: > 0 })
        {
            await ExamineAsync(page, retry, cancellationToken).ConfigureAwait(false);
            await retry.RunAsync(repeats => RemoveAsync(page, repeats, cancellationToken), IsNewReference).ConfigureAwait(false);
        }

        _place = page?.End;
        if (_place is null)
        {
            EndPass();
        }

        _duration += Stopwatch.GetElapsedTime(begin);
    }

    private async Task ExamineAsync(RemovalPage page, TransientRetry retry, CancellationToken cancellationToken)
    {
        if (!_isFirstPass)
        {
            return;
        }

        if (Parts is not null)
        {
            Parts._examined += await retry.RunAsync(_ => CountPartsAsync(page, cancellationToken), _ => false).ConfigureAwait(false);
        }

        _examined += page.Old;
    }

    /// <summary>A row may be left because only rows of its own table refer to it, which went later: another pass finds it.</summary>
    private void EndPass()
    {
        IsDone = !_refersToItself || _removed == _removedBeforePass;
        _removedBeforePass = _removed;
        _isFirstPass = false;
    }

    private async Task<RemovalPage?> FindPageAsync(int most, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var open = session.Open;
        return await _sql.FindPageAsync(open, _place, most, cancellationToken).ConfigureAwait(false);
    }

    private async Task<long> CountPartsAsync(RemovalPage page, CancellationToken cancellationToken)
    {
        var old = 0L;
        await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var open = session.Open;
        var commands = new CommandBatch(open);
        _sql.CountParts(commands, page, count => old = count);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return old;
    }

    private async Task<bool> RemoveAsync(RemovalPage page, int repeats, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        var open = session.Open;
        if (await LockAsync(session, page, repeats, cancellationToken).ConfigureAwait(false) is not { } rows)
        {
            return false;
        }

        // Statements of their own: they see who began to refer to a row before that was locked.
        var (removed, removedParts) = (0L, 0L);
        var commands = new CommandBatch(open);
        if (Parts is not null)
        {
            _sql.RemoveParts(commands, page, rows, count => removedParts = count);
        }

        _sql.Remove(commands, page, rows, count => removed = count);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (removed == 0)
        {
            return false;
        }

        var (total, totalParts) = (0L, 0L);
        commands = new CommandBatch(open);
        _ledger.Add(commands, Table, removed, count => total = count);
        if (Parts is not null)
        {
            _ledger.Add(commands, Parts.Table, removedParts, count => totalParts = count);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await session.CommitAsync(cancellationToken).ConfigureAwait(false);
        SetRemoved(total, totalParts);
        return true;
    }

    private async Task<RowPlaces?> LockAsync(Session session, RemovalPage page, int repeats, CancellationToken cancellationToken)
    {
        RowPlaces? rows = null;
        var (total, totalParts) = (0L, 0L);
        var commands = new CommandBatch(session.Open);
        session.Begin(commands);
        commands.Query(SettingsSql, _ => { });
        AdvisoryLock.TakeOfSchema(commands, AdvisoryLock.Parents, _connection.Schema, isShared: false);
        _kept.Ask(commands);
        if (repeats > 0)
        {
            // The answer to the commit may be what was lost: this waits for that transaction to end, and tells what it did.
            _ledger.Add(commands, Table, 0, count => total = count);
            _ledger.Add(commands, Parts?.Table ?? Table, 0, count => totalParts = count);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        commands = new CommandBatch(session.Open);
        _sql.Lock(commands, page, locked => rows = locked);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (repeats > 0)
        {
            SetRemoved(total, totalParts);
        }

        return rows;
    }

    private void SetRemoved(long total, long totalParts)
    {
        _removed = total;
        if (Parts is not null)
        {
            Parts._removed = totalParts;
        }
    }

    /// <summary>The foreign key has the last word: somebody refers to a row without having locked it. A repeat sees his row.</summary>
    private static bool IsNewReference(Exception exception) =>
        exception is PostgresException error && ShardError.StateOf(error) == PostgresErrorCodes.ForeignKeyViolation;
}
