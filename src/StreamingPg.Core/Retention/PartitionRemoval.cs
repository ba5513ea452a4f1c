using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Retention;

/// <summary>
/// Drops whole partitions of old rows, the oldest period first and in it children before parents, each period in one short transaction. By the
/// rules that hold for rows: a partition stays while a row that stays refers to one of its rows. It is given one more period in which to become free, as rows
/// of the next period refer to it often; then its rows are gone through one by one.
/// </summary>
/// <remarks>
/// Whether a partition can go is found out without locks, and again when nobody writes to it any more; readers and writers of the table wait for DETACH only.
/// Partitions are detached and dropped in the transaction that counts their rows in the ledger. DETACH ... CONCURRENTLY takes two of its
/// own, and no default partition.
/// </remarks>
internal sealed class PartitionRemoval
{
    private const string SettingsSql = $"SELECT set_config('lock_timeout', '2s', true), {SessionSettings.EndWithClient}";

    private readonly DatabaseConnection _connection;
    private readonly IReadOnlyList<TableModel> _tables;
    private readonly RowAge _age;
    private readonly PartitionCondition _condition;
    private readonly DateTime _newestOld;
    private readonly Dictionary<string, long> _removed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTime> _held = new(StringComparer.Ordinal);

    /// <param name="connection">The database.</param>
    /// <param name="model">The tables, stored as they are.</param>
    /// <param name="age">Which rows are old.</param>
    /// <param name="kept">The rows that stay for unfinished batches.</param>
    /// <param name="referring">The foreign keys that refer to the tables.</param>
    public PartitionRemoval(DatabaseConnection connection, StreamModel model, RowAge age, KeptParents kept, ILookup<string, LiveForeignKey> referring)
    {
        _connection = connection;
        _age = age;
        _tables = [.. model.Tables.Where(table => table.Layout.Partition is { IsOwn: true } partition
            && RowAge.TimeColumn(table)?.Name == partition.Column && age.Before(table) is not null)];
        _condition = new PartitionCondition(connection.Schema, model, age, kept, referring);
        _newestOld = _tables.Select(table => PartitionPeriod.Of(table.Layout.Partition!.Interval!.Value, JustBefore(age.Before(table)!.Value)).From)
            .DefaultIfEmpty().Min();
    }

    /// <summary>By table, the beginning of the partitions that could not go yet, and whose rows stay for now.</summary>
    public IReadOnlyDictionary<string, DateTime> Held => _held;

    /// <summary>Drops what is old enough.</summary>
    /// <returns>Rows that went, by table.</returns>
    public async Task<IReadOnlyDictionary<string, long>> RunAsync(
        RemovalLedger ledger, TransientRetry retry, IProgress<BatchEvent>? events, CancellationToken cancellationToken)
    {
        var old = _tables.Count == 0 ? [] : await retry.RunAsync(_ => ReadAsync(cancellationToken), _ => false).ConfigureAwait(false);
        var periods = ByPeriod(old.Where(partition => partition.Dependent is null));

        // Those that are empty, and that VACUUM has made small, are not worth a word.
        foreach (var partition in old.Where(partition => partition is { Dependent: not null, Blocks: > 0 }))
        {
            events?.Report(RetentionEvents.Depended(partition));
        }

        foreach (var period in periods)
        {
            var tried = await retry.RunAsync(repeats => TryDropAsync(period, ledger, repeats, events, cancellationToken), _ => false).ConfigureAwait(false);
            if (tried.IsLocked)
            {
                Hold(periods.SkipWhile(other => other != period).SelectMany(partitions => partitions));
                break; // the next would wait as long, and make others wait
            }

            Hold(period.Where(partition => tried.Needed.Contains(partition.Table) && partition.Period!.Value.To > _newestOld));
        }

        return _removed;
    }

    /// <summary>Finds out what would be dropped and what would be held, and drops nothing.</summary>
    public async Task<PartitionPlan> PlanAsync(Session session, CancellationToken cancellationToken)
    {
        var plan = new PartitionPlan(session.Schema, _condition);
        var old = _tables.Count == 0 ? [] : await ReadOldAsync(session.Open, cancellationToken).ConfigureAwait(false);
        var gone = DateTime.MinValue;
        foreach (var period in ByPeriod(old.Where(partition => partition.Dependent is null)))
        {
            // Those before it would be gone by then.
            var dropped = await FindFreeAsync(session, period, period.Key with { From = gone }, cancellationToken).ConfigureAwait(false);
            plan.Add(period.Key, dropped.Keys.Select(name => _tables.First(table => table.Name == name)));
            Hold(period.Where(partition => !dropped.ContainsKey(partition.Table) && partition.Period!.Value.To > _newestOld));
            gone = dropped.Count < period.Count() ? period.Key.To : gone;
        }

        return plan;
    }

    private static List<IGrouping<PartitionPeriod, PeriodPartition>> ByPeriod(IEnumerable<PeriodPartition> partitions) =>
        [.. partitions.GroupBy(partition => partition.Period!.Value).OrderBy(group => group.Key.To).ThenBy(group => group.Key.From)];

    private void Hold(IEnumerable<PeriodPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _held.TryAdd(partition.Table, partition.Period!.Value.From); // the oldest comes first
        }
    }

    private async Task<IReadOnlyList<PeriodPartition>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        return await ReadOldAsync(session.Open, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The partitions that hold nothing but old rows; a role that does not own them deletes their rows. The newest partition of a table stays, since
    /// partitions alone tell how much time each is to hold.
    /// </summary>
    private async Task<IReadOnlyList<PeriodPartition>> ReadOldAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var partitions = await PartitionReader.ReadAsync(open, _connection.Schema, _tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        return [.. partitions.Where(partition => partition.IsOwn).GroupBy(partition => partition.Table)
            .SelectMany(table => table.OrderByDescending(partition => partition.Period!.Value.To).Skip(1))
            .Where(partition => partition is { IsLeaf: true, MayDrop: true }
                && partition.Period!.Value.To <= _age.Before(_tables.First(table => table.Name == partition.Table)))];
    }

    /// <summary>Drops what of a period can go. What others stand against is left, with a warning.</summary>
    private async Task<DropResult> TryDropAsync(
        IGrouping<PartitionPeriod, PeriodPartition> period, RemovalLedger ledger, int repeats, IProgress<BatchEvent>? events, CancellationToken cancellationToken)
    {
        try
        {
            // After an error that the commit may have survived, what is there says nothing of who did it.
            if (repeats == 0 && !await IsAnyFreeAsync(period, cancellationToken).ConfigureAwait(false))
            {
                return new DropResult([.. period.Select(partition => partition.Table)]);
            }

            return new DropResult(await DropAsync(period.Key, ledger, repeats, cancellationToken).ConfigureAwait(false));
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DependentObjectsStillExist)
        {
            // A lock passes; what depends on the partition, and was not recognised, does not.
            var isLocked = exception.SqlState == PostgresErrorCodes.LockNotAvailable;
            events?.Report(RetentionEvents.NotDropped(period, isLocked, ServerError.Translate(exception, _connection, "Dropping partitions")));
            return new DropResult([], isLocked);
        }
    }

    private async Task<bool> IsAnyFreeAsync(IGrouping<PartitionPeriod, PeriodPartition> period, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var commands = session.NewCommands();
            _condition.Kept.Ask(commands);
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return (await FindFreeAsync(session, period, period.Key, cancellationToken).ConfigureAwait(false)).Count > 0;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return true; // another run has just dropped one: what is left is seen when no other run can
        }
    }

    /// <summary>Drops what of a period can go; gives the tables whose partitions cannot.</summary>
    private async Task<IReadOnlyList<string>> DropAsync(PartitionPeriod period, RemovalLedger ledger, int repeats, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        await BeginAsync(session, ledger, repeats, cancellationToken).ConfigureAwait(false);
        var old = (await ReadOldAsync(session.Open, cancellationToken).ConfigureAwait(false)).Where(partition => partition.Period == period && partition.Dependent is null).ToList();
        if (old.Count == 0)
        {
            return [];
        }

        // From here on nobody writes to the partitions, or locks their rows to refer to them.
        await session.QueryAsync($"LOCK TABLE {string.Join(", ", InOrder(old).Select(NameOf))} IN EXCLUSIVE MODE", _ => { }, cancellationToken).ConfigureAwait(false);
        var dropped = await FindFreeAsync(session, old, period, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> needed = [.. old.Select(partition => partition.Table).Except(dropped.Keys)];
        if (dropped.Count == 0)
        {
            return needed;
        }

        var rows = await CountAsync(session, dropped, period, cancellationToken).ConfigureAwait(false);
        var drop = session.NewCommands();
        drop.Add($"LOCK TABLE {string.Join(", ", InOrder(dropped.Values).Select(partition => $"ONLY {session.Quote(partition.Table)}"))} IN ACCESS EXCLUSIVE MODE");
        foreach (var partition in InOrder(dropped.Values).Reverse())
        {
            drop.Add($"ALTER TABLE {session.Quote(partition.Table)} DETACH PARTITION {NameOf(partition)}");
            drop.Add($"DROP TABLE {NameOf(partition)}");
        }

        foreach (var (table, count) in rows.Where(entry => entry.Value > 0))
        {
            ledger.Add(drop, table, count, total => _removed[table] = total);
        }

        await drop.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await session.CommitAsync(cancellationToken).ConfigureAwait(false);
        PartitionKeeper.Forget(_connection);
        return needed;
    }

    /// <summary>Counts what goes with partitions, and deletes the parts of their rows that are elsewhere.</summary>
    private async Task<Dictionary<string, long>> CountAsync(
        Session session, Dictionary<string, PeriodPartition> dropped, PartitionPeriod period, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        var removal = session.NewCommands();
        foreach (var table in _tables.Reverse().Where(table => dropped.ContainsKey(table.Name)))
        {
            var parameters = new List<NpgsqlParameter>();
            if (_condition.DeletePartsSql(table, dropped, period, parameters) is { } parts)
            {
                removal.Query(parts.Sql, row => rows[parts.Table] = rows.GetValueOrDefault(parts.Table) + row.GetInt64(0), [.. parameters]);
            }

            removal.Query($"SELECT count(*) FROM {NameOf(dropped[table.Name])}", row => rows[table.Name] = rows.GetValueOrDefault(table.Name) + row.GetInt64(0));
        }

        await removal.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <summary>No batch picks parents from here on.</summary>
    private async Task BeginAsync(Session session, RemovalLedger ledger, int repeats, CancellationToken cancellationToken)
    {
        var commands = session.NewCommands();
        session.Begin(commands);
        commands.Query(SettingsSql, _ => { });
        if (_tables.Any(table => table.Layout.Distribution is not null))
        {
            commands.Query(SessionSettings.OneShardConnectionForAll, _ => { });
        }

        AdvisoryLock.TakeOfSchema(commands, AdvisoryLock.Parents, _connection.Schema, isShared: false);
        _condition.Kept.Ask(commands);
        foreach (var table in repeats > 0 ? _tables : [])
        {
            // The answer to a commit may be what was lost: the ledger tells what it did.
            ledger.Add(commands, table.Name, 0, total => _removed[table.Name] = total);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Those of a period's partitions that nothing stands against, by table.</summary>
    private async Task<Dictionary<string, PeriodPartition>> FindFreeAsync(
        Session session, IEnumerable<PeriodPartition> partitions, PartitionPeriod period, CancellationToken cancellationToken)
    {
        var free = partitions.ToDictionary(partition => partition.Table, StringComparer.Ordinal);
        while (free.Count > 0 && await FindNeededAsync(session, free, period, cancellationToken).ConfigureAwait(false) is { } needed)
        {
            free.Remove(needed);
        }

        return free;
    }

    /// <summary>A table whose partition cannot go, or null.</summary>
    private async Task<string?> FindNeededAsync(
        Session session, Dictionary<string, PeriodPartition> dropped, PartitionPeriod period, CancellationToken cancellationToken)
    {
        string? needed = null;
        var commands = session.NewCommands();
        foreach (var table in _tables.Where(table => dropped.ContainsKey(table.Name)))
        {
            var parameters = new List<NpgsqlParameter>();
            var sql = _condition.IsNeededSql(table, dropped, period, parameters);
            commands.Query($"SELECT {sql}", row => needed = row.GetBoolean(0) ? table.Name : needed, [.. parameters]);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return needed;
    }

    /// <summary>Parents first, as batches lock them.</summary>
    private IEnumerable<PeriodPartition> InOrder(IReadOnlyCollection<PeriodPartition> partitions) =>
        _tables.SelectMany(table => partitions.Where(partition => partition.Table == table.Name));

    private static DateTime JustBefore(DateTime time) => time > DateTime.MinValue ? time.AddTicks(-1) : time;

    private static string NameOf(PeriodPartition partition) => Identifier.Quote(partition.Schema, partition.Name);

    /// <summary>What became of a period: tables whose partitions are needed, and whether somebody's lock stood against it.</summary>
    private readonly record struct DropResult(IReadOnlyList<string> Needed, bool IsLocked = false);
}
