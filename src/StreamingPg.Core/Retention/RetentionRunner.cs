using System.Diagnostics;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Retention;

/// <summary>Removes old rows: children before their parents, in short transactions, and never a row that another one refers to.</summary>
internal static class RetentionRunner
{
    /// <summary>Removes old rows; one result per table as it is done, in the order of removal.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Gets how many rows were removed; may be null.</param>
    /// <param name="events">Gets retries and what was removed; may be null.</param>
    /// <param name="cancellationToken">Cancels; what was removed stays removed, and another run does the rest.</param>
    /// <exception cref="StreamingException">Nothing says what is old, a table is missing, or the server refused.</exception>
    public static async IAsyncEnumerable<RemovalResult> RunAsync(
        DatabaseConnection connection,
        StreamModel model,
        RetentionOptions options,
        IProgress<BatchProgress>? progress,
        IProgress<BatchEvent>? events,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sweep = await RetentionSweep.BeginAsync(connection, model, options, TimeProvider.System, events, cancellationToken)
            .ConfigureAwait(false);
        var pace = new RemovalPace(options.MaxRowsPerSecond);
        while (sweep.Current is { } table)
        {
            while (!table.IsDone)
            {
                await sweep.StepAsync(pace.Most(options.ChunkSize), cancellationToken).ConfigureAwait(false);
                progress?.Report(new BatchProgress($"removing from {table.Table}", sweep.Removed, 0));
                await pace.WaitAsync(sweep.Deleted, cancellationToken).ConfigureAwait(false);
            }

            foreach (var result in sweep.Next())
            {
                yield return result;
            }
        }

        foreach (var result in sweep.Ageless)
        {
            yield return result;
        }

        await sweep.SumUpLedgerAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts what would be removed, and removes nothing.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task<IReadOnlyList<RemovalResult>> CountAsync(
        DatabaseConnection connection, StreamModel model, RetentionOptions options, CancellationToken cancellationToken)
    {
        _ = new RetentionRule(connection, model, options);
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var open = session.Open;
            model = await LayoutReader.ReadAsync(open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
            var age = await new RetentionRule(connection, model, options).ReadAsync(open, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            var referring = await ReferringKeys.ReadAsync(open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
            ReferenceTables.RefuseHalfKnown(connection.Schema, model, age, referring);
            var kept = new KeptParents(connection.Schema, model);
            if (await LedgerIsThereAsync(session, connection, cancellationToken).ConfigureAwait(false))
            {
                var commands = session.NewCommands();
                kept.Ask(commands);
                await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }

            var partitions = new PartitionRemoval(connection, model, age, kept, referring);
            var plan = await partitions.PlanAsync(session, cancellationToken).ConfigureAwait(false);
            age = age.Holding(partitions.Held);
            var condition = new RemovalCondition(connection.Schema, model, age, kept, referring) { GoesWithPartitionSql = plan.GoesSql };
            var count = new RemovalCount(connection.Schema, age, condition, plan);
            var results = new List<RemovalResult>();
            foreach (var table in model.Tables.Reverse().Where(age.MayGo))
            {
                results.Add(await count.OfAsync(open, table, cancellationToken).ConfigureAwait(false));
            }

            return [.. results.Where(result => result.Before is not null), .. results.Where(result => result.Before is null)];
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Counting old rows");
        }
    }

    private static async Task<bool> LedgerIsThereAsync(Session session, DatabaseConnection connection, CancellationToken cancellationToken)
    {
        var isThere = false;
        await session.QueryAsync(
            "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)",
            row => isThere = row.GetBoolean(0),
            cancellationToken,
            Parameter.Of(connection.Schema),
            Parameter.Of(LedgerTable.Name)).ConfigureAwait(false);
        return isThere;
    }
}

/// <summary>Limits removal to a number of rows per second.</summary>
internal sealed class RemovalPace(double? rowsPerSecond)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Maximum rows of the next transaction: no more than a second's.</summary>
    public int Most(int chunkSize) => (int)Math.Max(1, Math.Min(chunkSize, rowsPerSecond ?? chunkSize));

    /// <summary>Waits until this many rows may have been removed.</summary>
    public async Task WaitAsync(long removed, CancellationToken cancellationToken)
    {
        if (rowsPerSecond is { } rate && TimeSpan.FromSeconds(removed / rate) - Stopwatch.GetElapsedTime(_start) is { Ticks: > 0 } early)
        {
            await Task.Delay(early, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Counts the rows that would be removed: those that go with partitions, and old ones when all that refers to them would be removed before.</summary>
internal sealed class RemovalCount(string schema, RowAge age, RemovalCondition condition, PartitionPlan partitions)
{
    /// <summary>Counts the rows of a table.</summary>
    public async Task<RemovalResult> OfAsync(NpgsqlConnection open, TableModel table, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var (examined, removed) = (0L, 0L);
        if (age.Before(table) is not null)
        {
            var parameters = new List<NpgsqlParameter>();
            var goes = condition.NobodyStaysSql(table, "t", parameters)
                + $" AND {condition.Kept.IsFreeSql(table, "t", parameters)}"
                + (condition.WholeOf(table) is { } whole ? $" AND {WholeGoesSql(whole, parameters)}" : "");
            var (isIn, isPart) = (partitions.IsInSql(table, "t"), partitions.IsPartSql(table, "t"));
            var commands = new CommandBatch(open);
            commands.Query(
                $"SELECT count(*), count(*) FILTER (WHERE {(isIn is null ? goes : $"{isIn} OR ({goes})")}) FROM {Identifier.Quote(schema, table.Name)} AS t "
                + $"WHERE {AnyOf(isIn, $"{condition.IsOldSql(table, "t", parameters)}{(isPart is null ? "" : $" AND NOT {isPart}")}")}",
                row => (examined, removed) = (row.GetInt64(0), row.GetInt64(1)),
                [.. parameters]);
            if (isPart is not null)
            {
                // Apart from the others: a condition of both would be looked up for every row of the table.
                commands.Query(
                    $"SELECT count(*) FROM {Identifier.Quote(schema, table.Name)} AS t WHERE {isPart}{(isIn is null ? "" : $" AND NOT {isIn}")}",
                    row => (examined, removed) = (examined + row.GetInt64(0), removed + row.GetInt64(0)));
            }

            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return new RemovalResult
        {
            Table = table.Name,
            Before = age.Before(table),
            Examined = examined,
            Removed = removed,
            CountedOnly = true,
            Duration = Stopwatch.GetElapsedTime(begin),
        };
    }

    private static string AnyOf(string? one, string other) => one is null ? other : $"({one} OR ({other}))";

    private string WholeGoesSql(PartOfWhole whole, List<NpgsqlParameter> parameters) =>
        $"({whole.HasNoWholeSql("t")} OR EXISTS (SELECT FROM {Identifier.Quote(schema, whole.Whole.Name)} AS w WHERE {whole.JoinSql("w", "t")} "
        + $"AND {condition.IsOldSql(whole.Whole, "w", parameters)} AND {condition.NobodyStaysSql(whole.Whole, "w", parameters)}))";
}
