using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>
/// Creates the partitions of the tables whose partitions are StreamingPg's, ahead of the rows. Where that is not possible, rows go to the default
/// partition, and move from there when their own is created.
/// </summary>
internal static class PartitionKeeper
{
    // Enough for a weekend on which nobody may create any.
    private const int Ahead = 3;

    // Two years of weeks, or four months of days: each query plans for all of them.
    private const int Most = 120;

    // A transaction holds a lock for each table and index that it creates, of which a server has a few thousand.
    private const int AtOnce = 40;

    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(2);

    // Others may drop partitions, and what stood against creating one may have gone.
    private static readonly TimeSpan LooksAgain = TimeSpan.FromMinutes(10);

    // When a partition was last seen, or refused.
    private static readonly ConditionalWeakTable<NpgsqlDataSource, ConcurrentDictionary<(string Schema, string Table, DateTime From), long>> Known = [];

    /// <summary>The partitions that are missing for rows of a time, and some ahead.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables, stored as they are (<see cref="LayoutReader"/>), or as they will be.</param>
    /// <param name="from">The first time for which a table is to have partitions (UTC).</param>
    /// <param name="to">The last.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<SchemaStep>> PlanAsync(
        NpgsqlConnection open, string schema, StreamModel model, Func<TableModel, DateTime> from, DateTime to, CancellationToken cancellationToken)
    {
        var tables = Own(model).ToList();
        if (tables.Count == 0)
        {
            return [];
        }

        var partitions = await PartitionReader.ReadAsync(open, schema, tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        var owners = await TableOwner.ReadAsync(open, schema, tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        return [.. tables.SelectMany(table => Missing(
            schema, table, owners.GetValueOrDefault(table.Name)?.GivesTo, [.. partitions.Where(partition => partition.Table == table.Name)], Periods(table.Layout.Partition!, from(table), to)))];
    }

    /// <summary>The partitions that are missing for rows that the default partitions hold and that may move from there, whatever their time.</summary>
    /// <inheritdoc cref="PlanAsync"/>
    public static async Task<IReadOnlyList<SchemaStep>> PlanForWaitingAsync(NpgsqlConnection open, string schema, StreamModel model, CancellationToken cancellationToken)
    {
        var tables = Own(model).ToList();
        if (tables.Count == 0)
        {
            return [];
        }

        var partitions = await PartitionReader.ReadAsync(open, schema, tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        var owners = await TableOwner.ReadAsync(open, schema, tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        var steps = new List<SchemaStep>();
        foreach (var table in tables.Where(table => table.Layout.Distribution is null))
        {
            List<PeriodPartition> own = [.. partitions.Where(partition => partition.Table == table.Name)];
            if (Waits(schema, table, own) is { } waiting)
            {
                var periods = await ReadPeriodsAsync(open, table, waiting, cancellationToken).ConfigureAwait(false);
                steps.AddRange(Missing(schema, table, owners.GetValueOrDefault(table.Name)?.GivesTo, own, periods));
            }
        }

        return steps;
    }

    /// <summary>Creates what is missing for rows of a time; costs nothing when it is known to be there.</summary>
    /// <returns>True when some were created; and why not, where the server refused, else null.</returns>
    public static async Task<(bool Created, StreamingException? Refusal)> EnsureAsync(
        DatabaseConnection connection, StreamModel model, Func<TableModel, DateTime> from, DateTime to, CancellationToken cancellationToken)
    {
        var known = Known.GetOrCreateValue(connection.DataSource);
        List<(string Schema, string Table, DateTime From)> wanted =
            [.. Own(model).SelectMany(table => Periods(table.Layout.Partition!, from(table), to).Select(period => (connection.Schema, table.Name, period.From)))];
        if (wanted.TrueForAll(period => known.TryGetValue(period, out var seen) && Stopwatch.GetElapsedTime(seen) < LooksAgain))
        {
            return (false, null);
        }

        StreamingException? refusal = null;
        var refused = new Dictionary<string, PostgresException>(StringComparer.Ordinal);
        var (created, all) = (0, 0);
        try
        {
            do
            {
                created = await CreateSomeAsync(connection, model, from, to, refused, cancellationToken).ConfigureAwait(false);
                all += created;
            }
            while (created == AtOnce);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            refusal = ServerError.Translate(exception, connection, "creating partitions");
        }

        if (refusal is null && refused.Count > 0)
        {
            var (name, exception) = refused.First();
            refusal = ServerError.Translate(exception, connection, $"creating partition {Identifier.Quote(connection.Schema, name)}");
        }

        // Refused, it is not asked for again at once: whatever stands against it, the default partition takes the rows.
        foreach (var period in wanted)
        {
            known[period] = Stopwatch.GetTimestamp();
        }

        return (all > 0, refusal);
    }

    /// <summary>Forgets which partitions are there: tables or partitions were dropped or created.</summary>
    public static void Forget(DatabaseConnection connection) => Known.Remove(connection.DataSource);

    /// <summary>Creates as many as a transaction may; each that the server refuses for itself is left out of it, and of the next.</summary>
    /// <returns>Number of partitions that were tried.</returns>
    private static async Task<int> CreateSomeAsync(
        DatabaseConnection connection,
        StreamModel model,
        Func<TableModel, DateTime> from,
        DateTime to,
        Dictionary<string, PostgresException> refused,
        CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        await SchemaUpdater.LimitLocksAsync(session.Open, LockTimeout, isLocal: true, cancellationToken).ConfigureAwait(false);
        await SchemaInitializer.LockAsync(session.Open, connection.Schema, cancellationToken).ConfigureAwait(false);
        var steps = (await PlanAsync(session.Open, connection.Schema, model, from, to, cancellationToken).ConfigureAwait(false))
            .Where(step => !refused.ContainsKey(step.Change.Name)).Take(AtOnce).ToList();
        if (steps.Count > 0)
        {
            await LockParentsAsync(session, model, cancellationToken).ConfigureAwait(false);
        }

        foreach (var step in steps)
        {
            try
            {
                await SchemaInitializer.ExecuteAsync(
                    session.Open, ["SAVEPOINT new_partition", .. step.Statements, "RELEASE SAVEPOINT new_partition"], cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (IsOfPartition(exception))
            {
                refused[step.Change.Name] = exception;
                await SchemaInitializer.ExecuteAsync(
                    session.Open, ["ROLLBACK TO SAVEPOINT new_partition", "RELEASE SAVEPOINT new_partition"], cancellationToken).ConfigureAwait(false);
            }
        }

        await session.CommitAsync(cancellationToken).ConfigureAwait(false);
        return steps.Count;
    }

    /// <summary>
    /// Locks the tables to which those in partitions refer, as ATTACH does, but before it locks the default partitions: batches use them in this order, and
    /// would else wait for each other with it.
    /// </summary>
    private static async Task LockParentsAsync(Session session, StreamModel model, CancellationToken cancellationToken)
    {
        var names = model.Tables.Where(parent => parent.Layout == TableLayout.Plain && Own(model).Any(table => table.Layout.Distribution is null
            && table.ForeignKeys.Any(key => key.ParentTable == parent.Name))).Select(parent => session.Quote(parent.Name)).ToArray();
        var mayLock = new List<string>();
        await session.QueryAsync(
            "SELECT name FROM unnest($1) WITH ORDINALITY AS t (name, number) WHERE has_table_privilege(to_regclass(name), 'UPDATE, DELETE, TRUNCATE') ORDER BY number",
            row => mayLock.Add($"ONLY {row.GetString(0)}"),
            cancellationToken,
            Parameter.Of(names)).ConfigureAwait(false);
        if (mayLock.Count > 0)
        {
            await SchemaInitializer.ExecuteAsync(session.Open, [$"LOCK TABLE {string.Join(", ", mayLock)} IN SHARE ROW EXCLUSIVE MODE"], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True of what stands against one partition only: a table of its name, such as one that somebody has detached; bounds of a
    /// partition that overlap; rows in the default partition that do not move.</summary>
    private static bool IsOfPartition(PostgresException exception) => exception.SqlState is PostgresErrorCodes.DuplicateTable
        or PostgresErrorCodes.InvalidObjectDefinition or PostgresErrorCodes.ObjectNotInPrerequisiteState
        or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.ForeignKeyViolation;

    private static IEnumerable<TableModel> Own(StreamModel model) => model.Tables.Where(table => table.Layout.Partition is { IsOwn: true });

    /// <summary>The periods of the rows, and those ahead.</summary>
    private static IEnumerable<PartitionPeriod> Periods(PartitionModel partition, DateTime from, DateTime to)
    {
        var end = to;
        for (var count = 0; count < Ahead; count++)
        {
            end = PartitionPeriod.Of(partition.Interval!.Value, end).To;
        }

        return PartitionPeriod.Between(partition.Interval!.Value, from, end).TakeLast(Most);
    }

    /// <summary>The default partition, if its rows may move; what the server computes cannot be written again.</summary>
    private static PeriodPartition? Waits(string schema, TableModel table, List<PeriodPartition> there) => table.Columns.Any(column => column.Expression is not null)
        ? null
        : there.Find(other => other is { IsDefault: true, IsLeaf: true, IsWatched: false } && other.Schema == schema);

    /// <summary>The newest periods of the rows in a default partition.</summary>
    private static async Task<IReadOnlyList<PartitionPeriod>> ReadPeriodsAsync(
        NpgsqlConnection open, TableModel table, PeriodPartition waiting, CancellationToken cancellationToken)
    {
        var partition = table.Layout.Partition!;
        var column = Identifier.Quote(partition.Column);
        var time = table.Column(partition.Column).Type.Kind == ColumnKind.TimestampTz ? $"({column} AT TIME ZONE 'UTC')" : $"{column}::timestamp";
        var periods = new List<PartitionPeriod>();
        var commands = new CommandBatch(open) { Timeout = 0 };
        commands.Query(
            $"""
            SELECT DISTINCT pg_catalog.date_trunc('{partition.Interval!.Value.ToString().ToLowerInvariant()}', {time}) FROM {Identifier.Quote(waiting.Schema, waiting.Name)}
            WHERE {column} >= '1000-01-01' AND {column} < '9999-01-01' ORDER BY 1 DESC LIMIT {Most}
            """,
            row => periods.Add(PartitionPeriod.Of(partition.Interval!.Value, row.GetDateTime(0))));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        periods.Reverse();
        return periods;
    }

    private static IEnumerable<SchemaStep> Missing(
        string schema, TableModel table, string? owner, List<PeriodPartition> there, IEnumerable<PartitionPeriod> periods)
    {
        var partition = table.Layout.Partition!;
        var moves = Waits(schema, table, there) is not null;
        return periods
            .Where(period => !there.Exists(other => other.Period is { } taken && taken.From < period.To && period.From < taken.To))
            .Select(period => SchemaStep.Create(
                "partition",
                period.NameIn(table.Name, partition.Interval!.Value),
                LayoutSql.CreatePartition(schema, table.Name, partition, period, moves, owner, table.Layout.Distribution is not null)) with { Table = table.Name });
    }
}
