using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// The first load of empty tables by their owner: drops their foreign keys and indexes and builds them again after the load, in the same
/// transaction. PostgreSQL then checks each key by one query over the whole table, and sorts each index instead of inserting row by row.
/// </summary>
/// <remarks>
/// Where nothing stands against it the tables are truncated, too, and their unique keys dropped: COPY then writes rows that need no vacuum
/// later (FREEZE), and a server with wal_level minimal writes no WAL for them. Until the commit the tables are locked, and after it everything
/// is there, or nothing; only a transaction that took its snapshot before, and reads the tables for the first time after, sees the rows, which
/// is what TRUNCATE and FREEZE mean.
/// Tables in partitions of StreamingPg's own are loaded through their parent: dropping an index of that, and building it again, does the same to
/// all partitions. PostgreSQL takes no FREEZE there, so only their indexes and keys are gained.
/// </remarks>
internal sealed class RebuildAfterLoad
{
    private const string Before = "before_rebuild";

    /// <summary>Fewer rows than this are not worth locking the tables for.</summary>
    private const long WorthwhileRows = 20_000;

    /// <summary>For fewer rows of a table, dropping and building its keys and indexes takes longer than it saves.</summary>
    private const long WorthwhileRowsOfTable = 5_000;

    /// <summary>More rows than this are loaded in chunks, each of which stays when the load stops midway.</summary>
    private const long MaxRows = 20_000_000;

    private readonly ChunkTransaction _transaction;
    private readonly string[] _tables;
    private readonly string[] _partitioned;
    private readonly List<(string Table, string Name, string Definition)> _foreignKeys = [];
    private readonly List<(string Name, string Definition)> _indexes = [];
    private readonly List<(string Table, string Name, string? Constraint, string Index)> _unique = [];
    private bool _mayTruncate;
    private bool _hasFunctions;

    private RebuildAfterLoad(ChunkTransaction transaction)
    {
        _transaction = transaction;
        _tables = [.. transaction.Model.Tables.Select(table => table.Name)];
        _partitioned = [.. transaction.Model.Tables.Where(table => table.Layout.Partition is { IsOwn: true }).Select(table => table.Name)];
    }

    private string Schema => _transaction.Schema;

    /// <summary>True if the tables were truncated in this transaction, so that COPY may freeze the rows.</summary>
    public bool Freezes => _mayTruncate;

    /// <summary>True if no row of the tables can be another's: they were truncated, nobody else has been able to write to them since, and no function of the user's does: a trigger, or one in a CHECK.</summary>
    public bool OwnsAllRows => _mayTruncate && !_hasFunctions;

    /// <summary>Drops the foreign keys and indexes where that may be and is worth it; null otherwise, and nothing is changed.</summary>
    public static async Task<RebuildAfterLoad?> BeginAsync(ChunkTransaction transaction)
    {
        var rebuild = new RebuildAfterLoad(transaction);
        if (!IsWorthwhile(transaction) || !await rebuild.IsPossibleAsync().ConfigureAwait(false) || !await rebuild.LockAsync().ConfigureAwait(false))
        {
            return null;
        }

        await rebuild.DropAsync().ConfigureAwait(false);
        return rebuild;
    }

    /// <summary>True when one transaction may load the whole batch: not too many rows, and enough to be worth it.</summary>
    public static bool MayTakeWholeBatch(ChunkTransaction transaction) =>
        transaction.MakesPlan
        && transaction.Request.Options.ForeignKeyCheck == ForeignKeyCheck.Auto
        && (transaction.Check == ForeignKeyCheck.Row || transaction.Request.Options.ChunkSize is null or >= BatchOptions.DefaultChunkSize) // smaller ones are wanted
        && transaction.Plan.TotalRows is >= WorthwhileRows and <= MaxRows;

    private static bool IsWorthwhile(ChunkTransaction transaction) =>
        MayTakeWholeBatch(transaction)
        && transaction.Plan.TotalRows >= WorthwhileRowsOfTable * transaction.Model.Tables.Count
        && transaction.Model.Tables.All(table => table.Layout.Distribution is null && (NewRowKeys.CanBeRange(table) || !HasUnenforcedKey(transaction.Model, table)));

    /// <summary>Such keys are verified when all rows are there, which must be found then.</summary>
    private static bool HasUnenforcedKey(StreamModel model, TableModel table) => table.ForeignKeys.Any(key => StoredKeys.IsUnenforced(model, table, key));

    /// <summary>True when the role owns the tables and nobody else is about to do the same.</summary>
    private async Task<bool> IsPossibleAsync()
    {
        var possible = false;
        var commands = _transaction.NewCommands();
        commands.Query(
            RebuildSql.Condition,
            row =>
            {
                possible = row.GetBoolean(0);
                _mayTruncate = row.GetBoolean(1);
                _hasFunctions = row.GetBoolean(2);
            },
            Parameter.Of(Schema),
            Parameter.Of(_tables),
            Parameter.Of(_partitioned));
        AskWhetherEmpty(commands, () => possible = false);

        // Two that have looked at the tables and then both want them for themselves would wait for each other.
        commands.Query(
            $"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Rebuild}, hashtext($1))",
            row => possible &= row.GetBoolean(0),
            Parameter.Of(Schema));
        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return possible;
    }

    private void AskWhetherEmpty(CommandBatch commands, Action isNot)
    {
        foreach (var table in _tables)
        {
            commands.Query($"SELECT FROM {Identifier.Quote(Schema, table)} LIMIT 1", _ => isNot());
        }
    }

    /// <summary>
    /// Locks the tables if they are free and still empty. Nobody else can use them then until the transaction ends; whoever uses them now is
    /// not waited for, since the load works without.
    /// </summary>
    private async Task<bool> LockAsync()
    {
        var isEmpty = true;
        try
        {
            var commands = _transaction.NewCommands();
            commands.Add($"SAVEPOINT {Before}");
            commands.Add($"LOCK TABLE {string.Join(", ", _tables.Select(table => Identifier.Quote(Schema, table)))} IN ACCESS EXCLUSIVE MODE NOWAIT");
            AskWhetherEmpty(commands, () => isEmpty = false);
            await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            isEmpty = false;
        }

        var end = _transaction.NewCommands();
        if (!isEmpty)
        {
            end.Add($"ROLLBACK TO SAVEPOINT {Before}");
        }

        end.Add($"RELEASE SAVEPOINT {Before}");
        await _transaction.ExecuteAsync(end).ConfigureAwait(false);
        return isEmpty;
    }

    /// <summary>Drops the foreign keys and indexes.</summary>
    private async Task DropAsync()
    {
        var read = _transaction.NewCommands();
        read.Query(
            RebuildSql.ForeignKey,
            row => _foreignKeys.Add((row.GetString(0), row.GetString(1), row.GetString(2))),
            Parameter.Of(Schema),
            Parameter.Of(_tables));
        read.Query(
            RebuildSql.Index, row => _indexes.Add((row.GetString(0), row.GetString(1))), Parameter.Of(Schema), Parameter.Of(_tables));

        // Functions of the user's, in triggers or a CHECK, may look rows up by their keys.
        if (OwnsAllRows)
        {
            read.Query(
                RebuildSql.Unique,
                row => _unique.Add((row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3))),
                Parameter.Of(Schema),
                Parameter.Of(_tables));
        }

        await _transaction.ExecuteAsync(read).ConfigureAwait(false);

        var drop = _transaction.NewCommands();
        foreach (var (table, name, _) in _foreignKeys)
        {
            drop.Add($"ALTER TABLE {Identifier.Quote(Schema, table)} DROP CONSTRAINT {Identifier.Quote(name)}");
        }

        foreach (var (name, _) in _indexes)
        {
            drop.Add($"DROP INDEX {Identifier.Quote(Schema, name)}");
        }

        foreach (var (table, name, constraint, _) in _unique)
        {
            drop.Add(constraint is null
                ? $"DROP INDEX {Identifier.Quote(Schema, name)}"
                : $"ALTER TABLE {Identifier.Quote(Schema, table)} DROP CONSTRAINT {Identifier.Quote(name)}");
        }

        if (_mayTruncate)
        {
            drop.Add($"TRUNCATE {string.Join(", ", _tables.Select(table => Identifier.Quote(Schema, table)))}");
        }

        await _transaction.ExecuteAsync(drop).ConfigureAwait(false);
    }

    /// <summary>Builds the indexes and foreign keys as they were; PostgreSQL refuses when a row refers to nothing.</summary>
    public async Task RestoreAsync()
    {
        var settings = _transaction.NewCommands();
        settings.Add("SET LOCAL maintenance_work_mem = '256MB'");
        settings.Add("SET LOCAL default_tablespace = ''");
        if (_transaction.Check == ForeignKeyCheck.Set)
        {
            settings.Add(SessionSettings.TriggersOn);
        }

        await _transaction.ExecuteAsync(settings).ConfigureAwait(false);
        var foreignKeys = _foreignKeys.Select(key =>
            $"ALTER TABLE {Identifier.Quote(Schema, key.Table)} ADD CONSTRAINT {Identifier.Quote(key.Name)} {key.Definition}");

        var unique = _unique.Select(key => key.Constraint is null
            ? key.Index
            : $"ALTER TABLE {Identifier.Quote(Schema, key.Table)} ADD CONSTRAINT {Identifier.Quote(key.Name)} {key.Constraint}");

        // One after the other: all of them together may take longer than one silence may.
        foreach (var sql in unique.Concat(_indexes.Select(index => index.Definition)).Concat(foreignKeys))
        {
            var build = _transaction.NewCommands();
            build.Add(sql);
            await _transaction.ExecuteAsync(build).ConfigureAwait(false);
        }

        _transaction.Decision = new ForeignKeyDecision(
            ForeignKeyCheck.Set, $"the tables were empty: their foreign keys{(_indexes.Count + _unique.Count > 0 ? " and indexes" : "")} were built after the load");
    }
}
