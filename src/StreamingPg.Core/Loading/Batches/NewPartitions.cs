using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// Loads the partitions that a large batch or a history fills, and that hold no row yet, as tables of their own: without indexes and keys, which are
/// built over all rows, and attached in place of the empty ones. Nobody else is in the way of the rows meanwhile, nor they in anybody's.
/// </summary>
/// <remarks>
/// Where rows of a table go to several partitions, a partitioned table of the transaction's own distributes them, as the server does it best; what
/// belongs to partitions with rows is inserted from there when the others are attached. A single one takes its rows directly, and frozen
/// (COPY FREEZE): no vacuum has to look at them later. Only for attaching them are the tables locked, and where that is not possible all rows are inserted,
/// as any other batch would have done.
/// </remarks>
internal sealed class NewPartitions
{
    private const string Before = "before_partitions";

    /// <summary>For fewer rows of a partition, attaching it takes longer than it saves.</summary>
    private const long WorthwhileRowsOfPartition = 1_000;

    // A transaction holds a lock for each table and index that it makes, of which a server has a few thousand.
    private const int Most = 120;

    // Shorter than the second after which PostgreSQL looks for deadlocks, and ends one of those who wait for each other.
    private const string LockTimeout = "'500ms'";
    private const int LockAttempts = 8;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(200);

    private readonly ChunkTransaction _transaction;
    private readonly List<FilledTable> _tables;
    private string _lockTimeout = "0";

    private NewPartitions(ChunkTransaction transaction, List<FilledTable> tables)
    {
        _transaction = transaction;
        _tables = tables;
    }

    private string Schema => _transaction.Schema;

    /// <summary>Makes the tables where that may be and is worth it; null otherwise, and nothing is changed.</summary>
    public static async Task<NewPartitions?> BeginAsync(ChunkTransaction transaction)
    {
        if (!RebuildAfterLoad.MayTakeWholeBatch(transaction)
            || !transaction.Model.Tables.Any(IsPartitioned)
            || !transaction.Model.Tables.All(table => table.Layout.Distribution is null && (transaction.Plan.RowsOf(table.Name) == 0 || NewRowKeys.CanBeRange(table)))
            || !await IsPossibleAsync(transaction).ConfigureAwait(false))
        {
            return null;
        }

        var tables = await FindAsync(transaction).ConfigureAwait(false);
        if (tables.Count == 0 || tables.Sum(table => table.Partitions.Count) > Most || !AreIndependent(transaction, tables))
        {
            return null;
        }

        var partitions = new NewPartitions(transaction, tables);
        return await partitions.CreateAsync().ConfigureAwait(false) ? partitions : null;
    }

    /// <summary>Where the rows of a table are copied, and whether they may be frozen there; null for the table itself.</summary>
    public (string Name, bool Freezes)? TargetOf(TableModel table) =>
        _tables.Find(filled => filled.Table == table) is { } filled ? (filled.Target, filled.IsSingle) : null;

    /// <summary>Builds the indexes and attaches the partitions, or inserts the rows where that is not possible.</summary>
    public async Task AttachAsync()
    {
        var settings = _transaction.NewCommands();
        settings.Add("SET LOCAL maintenance_work_mem = '256MB'");
        settings.Add("SET LOCAL default_tablespace = ''");
        if (_transaction.Check == ForeignKeyCheck.Set)
        {
            settings.Add(SessionSettings.TriggersOn);
        }

        await _transaction.ExecuteAsync(settings).ConfigureAwait(false);
        foreach (var sql in _tables.SelectMany(table => table.BuildSql(Schema)))
        {
            await ExecuteAsync([sql]).ConfigureAwait(false); // one by one: all of them together may take longer than one silence may
        }

        var refusal = await TryAttachAsync().ConfigureAwait(false);
        foreach (var table in _tables)
        {
            await ExecuteAsync(table.InsertSql(Schema, isAttached: refusal is null)).ConfigureAwait(false);
        }

        var count = _tables.Sum(table => table.Partitions.Count);
        _transaction.Decision = refusal is null
            ? new ForeignKeyDecision(ForeignKeyCheck.Set, $"{count} new partition{(count == 1 ? " was" : "s were")} loaded as tables of their own: their indexes were built and their foreign keys checked after the load")
            : _transaction.Decision with { Reason = $"new partitions were loaded as tables of their own but could not be attached ({refusal}), so their rows were inserted" };
    }

    private static bool IsPartitioned(TableModel table) => table.Layout.Partition is { IsOwn: true } && !table.ForeignKeys.Any(key => key.IsLoadedLater);

    /// <summary>By the rules of a first load: the tables are the role's own, and no trigger, publication or policy would miss the rows.</summary>
    private static async Task<bool> IsPossibleAsync(ChunkTransaction transaction)
    {
        var possible = false;
        var commands = transaction.NewCommands();
        commands.Query(
            RebuildSql.Condition,
            row => possible = row.GetBoolean(0) && row.GetBoolean(1) && !row.GetBoolean(2),
            Parameter.Of(transaction.Schema),
            Parameter.Of(transaction.Model.Tables.Select(table => table.Name).ToArray()),
            Parameter.Of(transaction.Model.Tables.Where(table => table.Layout.Partition is { IsOwn: true }).Select(table => table.Name).ToArray()));

        // Two at once would wait for each other when both want the tables to which their rows refer for themselves.
        commands.Query(
            $"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Rebuild}, hashtext($1))",
            row => possible &= row.GetBoolean(0),
            Parameter.Of(transaction.Schema));
        await transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return possible;
    }

    /// <summary>The tables at least half of whose rows go to partitions without rows, by the time that those hold.</summary>
    private static async Task<List<FilledTable>> FindAsync(ChunkTransaction transaction)
    {
        var candidates = transaction.Model.Tables.Where(table => IsPartitioned(table) && transaction.Plan.RowsOf(table.Name) > 0).ToList();
        var there = await PartitionReader.ReadAsync(
            transaction.Session.Open, transaction.Schema, candidates.Select(table => table.Name), transaction.Token).ConfigureAwait(false);
        var tables = new List<FilledTable>();
        foreach (var table in candidates)
        {
            var (from, to) = (transaction.Request.EarliestEvent(table), transaction.Plan.ReferenceTime);
            var empty = there.Where(partition => partition.Table == table.Name && partition.Period is { } period && period.To > from && period.From <= to
                && partition is { Blocks: 0, IsLeaf: true, IsOwn: true, MayDrop: true, Dependent: null } && partition.Schema == transaction.Schema).ToList();
            var share = empty.Sum(partition => (Earlier(partition.Period!.Value.To, to) - Later(partition.Period!.Value.From, from)) / (to - from));
            if (share >= 0.5 && transaction.Plan.RowsOf(table.Name) * share >= WorthwhileRowsOfPartition * empty.Count)
            {
                var isWhole = empty is [{ Period: { } only }] && only.From <= from && only.To > to;
                tables.Add(new FilledTable(table, tables.Count, isWhole, empty));
            }
        }

        return tables;
    }

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    /// <summary>True when no row that is written to its table at once needs one of those that come with the partitions.</summary>
    private static bool AreIndependent(ChunkTransaction transaction, List<FilledTable> tables) => !transaction.Model.Tables
        .Where(table => transaction.Plan.RowsOf(table.Name) > 0 && !tables.Exists(filled => filled.Table == table))
        .Any(table => table.ForeignKeys.Any(key =>
            tables.Exists(filled => filled.Table.Name == key.ParentTable) && !StoredKeys.IsUnenforced(transaction.Model, table, key)));

    /// <summary>Makes the tables; what somebody has given a partition, such as rights or an index, would be lost, so that its table is then loaded as usual.</summary>
    private async Task<bool> CreateAsync()
    {
        await ExecuteAsync([$"SAVEPOINT {Before}"]).ConfigureAwait(false);
        var owners = await TableOwner.ReadAsync(_transaction.Session.Open, Schema, _tables.Select(table => table.Table.Name), _transaction.Token).ConfigureAwait(false);
        var areEqual = true;
        try
        {
            foreach (var table in _tables)
            {
                await ExecuteAsync(table.CreateSql(Schema, owners.GetValueOrDefault(table.Table.Name)?.GivesTo)).ConfigureAwait(false);
            }

            var read = _transaction.NewCommands();
            read.Query("SELECT current_setting('lock_timeout')", row => _lockTimeout = row.GetString(0));
            foreach (var partition in _tables.SelectMany(table => table.Partitions))
            {
                read.Query(NewPartitionSql.IsEqual, row => areEqual &= row.GetBoolean(0), Parameter.Of(Schema), Parameter.Of(partition.Old.Name), Parameter.Of(partition.New));
                read.Query(NewPartitionSql.Indexes, partition.AddIndex, Parameter.Of(Schema), Parameter.Of(partition.Old.Name), Parameter.Of(partition.New));
            }

            await _transaction.ExecuteAsync(read).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            areEqual = false; // a table of that name, or a role that may not create any
        }

        await ExecuteAsync(areEqual ? [$"RELEASE SAVEPOINT {Before}"] : [$"ROLLBACK TO SAVEPOINT {Before}", $"RELEASE SAVEPOINT {Before}"]).ConfigureAwait(false);
        return areEqual;
    }

    /// <summary>Attaches all partitions; null when that was done, and else why not, a clause.</summary>
    private async Task<string?> TryAttachAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ExecuteAsync([$"SAVEPOINT {Before}", $"SET LOCAL lock_timeout = {LockTimeout}", LockSql(), $"SET LOCAL lock_timeout = {Identifier.Literal(_lockTimeout)}"])
                    .ConfigureAwait(false);
                if (await FindUsedAsync().ConfigureAwait(false) is { } used)
                {
                    await ExecuteAsync([$"ROLLBACK TO SAVEPOINT {Before}"]).ConfigureAwait(false);
                    return $"others have written to \"{used}\" meanwhile";
                }

                foreach (var sql in _tables.SelectMany(table => table.AttachSql(Schema)))
                {
                    await ExecuteAsync([sql]).ConfigureAwait(false);
                }

                await ExecuteAsync([$"RELEASE SAVEPOINT {Before}"]).ConfigureAwait(false);
                return null;
            }
            catch (PostgresException exception) when (IsLocked(exception) || StandsAgainst(exception))
            {
                await ExecuteAsync([$"ROLLBACK TO SAVEPOINT {Before}"]).ConfigureAwait(false);
                if (attempt == LockAttempts || !IsLocked(exception))
                {
                    return exception.MessageText;
                }

                await Task.Delay(BetweenAttempts, _transaction.Token).ConfigureAwait(false); // those who waited behind it go first
            }
        }
    }

    private static bool IsLocked(PostgresException exception) => exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;

    /// <summary>Rows outside the time of a partition, or that refer to nothing: the insert says of those what is wrong. Or what somebody has done meanwhile.</summary>
    private static bool StandsAgainst(PostgresException exception) => exception.SqlState
        is PostgresErrorCodes.CheckViolation or PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.DuplicateTable
        or PostgresErrorCodes.InvalidObjectDefinition or PostgresErrorCodes.ObjectNotInPrerequisiteState or PostgresErrorCodes.DependentObjectsStillExist;

    /// <summary>
    /// Locks parents before their children, as all writers do; from here on others wait. To drop a partition, and its foreign keys with it, PostgreSQL wants the
    /// parents for itself, and who begins with less may wait for somebody who waits for him.
    /// </summary>
    private string LockSql()
    {
        var parents = _tables.SelectMany(filled => filled.Table.ForeignKeys
                .Where(key => !StoredKeys.IsUnenforced(_transaction.Model, filled.Table, key)).Select(key => key.ParentTable))
            .ToHashSet(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var table in _transaction.Model.Tables)
        {
            var filled = _tables.Find(filled => filled.Table == table);
            if (filled is not null || parents.Contains(table.Name))
            {
                names.Add($"ONLY {Identifier.Quote(Schema, table.Name)}");
            }

            names.AddRange(filled?.Partitions.Select(partition => Identifier.Quote(Schema, partition.Old.Name)) ?? []);
        }

        return $"LOCK TABLE {string.Join(", ", names)} IN ACCESS EXCLUSIVE MODE";
    }

    /// <summary>A partition that is not empty any more; null when all are.</summary>
    private async Task<string?> FindUsedAsync()
    {
        string? used = null;
        var commands = _transaction.NewCommands();
        foreach (var partition in _tables.SelectMany(table => table.Partitions))
        {
            commands.Query($"SELECT FROM {Identifier.Quote(Schema, partition.Old.Name)} LIMIT 1", _ => used ??= partition.Old.Name);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return used;
    }

    private async Task ExecuteAsync(IEnumerable<string> statements)
    {
        var commands = _transaction.NewCommands();
        foreach (var sql in statements)
        {
            commands.Add(sql);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
    }
}
