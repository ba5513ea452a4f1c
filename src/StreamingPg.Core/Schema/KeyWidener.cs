using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>
/// Makes integer keys, and all columns that refer to them, bigint while others write: a bigint column beside each, which a trigger fills
/// from now on and chunks of the old rows one after the other; indexes and foreign keys over those; then all change places in one short
/// transaction. What is done is read from the catalog before every step, so another run goes on wherever one was killed.
/// </summary>
internal sealed class KeyWidener
{
    private const int FirstPages = 128;
    private const int MostPages = 16384;
    private static readonly TimeSpan ShortChunk = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongChunk = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // Long enough for a chunk of a large batch to end.
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromMinutes(15);

    private readonly DatabaseConnection _connection;
    private readonly string[] _tables;
    private readonly SchemaUpdateOptions _options;
    private readonly IProgress<string>? _progress;

    private KeyWidener(DatabaseConnection connection, IEnumerable<string> tables, SchemaUpdateOptions options, IProgress<string>? progress)
    {
        _connection = connection;
        _tables = [.. tables.Distinct(StringComparer.Ordinal)];
        _options = options;
        _progress = progress;
    }

    /// <summary>The steps that are left, of which none is taken; none when the keys are bigint.</summary>
    /// <inheritdoc cref="ApplyAsync"/>
    public static async Task<IReadOnlyList<SchemaUpdate>> PlanAsync(
        DatabaseConnection connection, IEnumerable<string> tables, SchemaUpdateOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        var keys = await new KeyWidener(connection, tables, options, null).ReadAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. WideningStep.Before(keys).Select(step => step.Describe(SchemaUpdateState.WouldApply)),
            .. keys.Tables.Count == 0 ? [] : WideningStep.Swap(keys, SchemaUpdateState.WouldApply),
        ];
    }

    /// <summary>Takes the steps that are left; each comes when it is done.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="tables">Tables of its schema.</param>
    /// <param name="options">The longest wait for a lock; then the step is tried again a little later.</param>
    /// <param name="progress">Gets what is being done, and how far it is; may be null.</param>
    /// <param name="cancellationToken">Cancels; what is done stays, and another run does the rest.</param>
    /// <exception cref="StreamingException">A key cannot be widened, or the server refused.</exception>
    public static async IAsyncEnumerable<SchemaUpdate> ApplyAsync(
        DatabaseConnection connection,
        IEnumerable<string> tables,
        SchemaUpdateOptions options,
        IProgress<string>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options.Check();
        var widener = new KeyWidener(connection, tables, options, progress);
        await using var guard = await widener.GuardAsync(cancellationToken).ConfigureAwait(false);
        while (await widener.ReadAsync(cancellationToken).ConfigureAwait(false) is { Tables.Count: > 0 } keys)
        {
            if (WideningStep.Before(keys).FirstOrDefault() is { } step)
            {
                yield return await widener.TakeAsync(step, cancellationToken).ConfigureAwait(false);
            }
            else if (await widener.SwapAsync(cancellationToken).ConfigureAwait(false) is { } swapped)
            {
                foreach (var change in WideningStep.Swap(swapped, SchemaUpdateState.Applied))
                {
                    yield return change;
                }
            }
        }
    }

    private async Task<WideKeys> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(session, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, "reading keys");
        }
    }

    private async Task<WideKeys> ReadAsync(Session session, CancellationToken cancellationToken)
    {
        await CheckTablesAsync(session, cancellationToken).ConfigureAwait(false);
        var keys = await WideKeyReader.ReadAsync(session.Open, session.Schema, _tables, cancellationToken).ConfigureAwait(false);
        return keys.Blockers.Count == 0 ? keys : throw new StreamingException(
            ErrorIds.KeyNotWidened,
            StreamingErrorKind.SchemaMismatch,
            $"The keys of {string.Join(", ", _tables.Select(Identifier.Quote))} in {_connection} cannot be made bigint: {string.Join("; ", keys.Blockers.Select(blocker => blocker.Reason))}.",
            string.Join(" ", keys.Blockers.Select(blocker => blocker.Remedy).Distinct()),
            _tables[0]);
    }

    private async Task CheckTablesAsync(Session session, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        await session.QueryAsync(
            "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = ANY ($2)",
            row => found.Add(row.GetString(0)),
            cancellationToken,
            Parameter.Of(session.Schema),
            Parameter.Of(_tables)).ConfigureAwait(false);
        if (Array.Find(_tables, table => !found.Contains(table)) is { } missing)
        {
            throw MissingTable.Error(_connection, session.Schema, missing, "Name a table of the schema.");
        }

        if (await LayoutReader.FindDistributedAsync(session.Open, session.Schema, _tables, cancellationToken).ConfigureAwait(false) is [var distributed, ..])
        {
            throw new StreamingException(
                ErrorIds.KeyNotWidened,
                StreamingErrorKind.SchemaMismatch,
                $"The keys of \"{distributed}\" in {_connection} cannot be made bigint beside its writers: Citus runs no triggers on distributed tables.",
                "Create the tables with bigint keys (-LargeKeys, --large-keys), or change the columns with ALTER TABLE ... ALTER COLUMN ... TYPE bigint, which locks and rewrites the table.",
                distributed);
        }
    }

    /// <summary>Two runs in one schema would take the same steps.</summary>
    private async Task<Session> GuardAsync(CancellationToken cancellationToken)
    {
        var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        try
        {
            var isOurs = false;
            var commands = session.NewCommands();
            LiftTimeLimits(commands, session);
            commands.Query(
                "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", row => isOurs = row.GetBoolean(0), Parameter.Of($"StreamingPg wide keys {session.Schema}"));

            // Until the next command the server keeps the snapshot of a query, for which building an index would wait.
            commands.Add("SAVEPOINT guarded");
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return isOurs ? session : throw new StreamingException(
                ErrorIds.KeyNotWidened, StreamingErrorKind.InvalidInput, $"Another session is widening keys in {_connection}.", "Wait for it to end.", _connection);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<SchemaUpdate> TakeAsync(WideningStep step, CancellationToken cancellationToken)
    {
        _progress?.Report($"{step.Table}: {step.Change} ({step.Name})");
        var operation = $"the step \"{step.Kind} {step.Name}: {step.Change}\"";
        long? rows = null;
        if (step.Fills is { } table)
        {
            rows = await FillAsync(table, operation, cancellationToken).ConfigureAwait(false);
        }
        else if (step.Builds is { } index)
        {
            // It keeps nobody from writing, and waits for those who began before: no limit of locks is needed.
            var update = new UpdateStep(step.Kind, step.Table, index.NewName, step.Change, UpdateNeed.Nothing, step.Statements) { IsConcurrent = true };
            await RetryAsync(
                () => new ConcurrentIndex(_connection.WithSchema(index.Schema), update, TimeSpan.Zero).BuildAsync(cancellationToken), operation, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await RetryAsync(() => RunAsync(step.Statements, cancellationToken), operation, cancellationToken).ConfigureAwait(false);
        }

        return step.Describe(SchemaUpdateState.Applied) with { Rows = rows };
    }

    /// <summary>Fills the rows from before, some pages at a time, and verifies that none is left.</summary>
    /// <returns>Rows that were filled.</returns>
    private async Task<long> FillAsync(WideTable table, string operation, CancellationToken cancellationToken)
    {
        var (rows, pages, to) = (0L, FirstPages, 0L);
        while (to < table.Pages)
        {
            var from = to;
            to = Math.Min(from + pages, table.Pages);
            var clock = Stopwatch.GetTimestamp();
            await RetryAsync(async () => rows += await FillAsync(table, from, to, cancellationToken).ConfigureAwait(false), operation, cancellationToken).ConfigureAwait(false);
            _progress?.Report($"{table.Name}: filled {DisplayText.Count(to)} of {DisplayText.Count(table.Pages)} pages ({100 * to / table.Pages} %)");
            pages = Stopwatch.GetElapsedTime(clock) switch
            {
                var time when time < ShortChunk => Math.Min(MostPages, pages * 2),
                var time when time > LongChunk => Math.Max(1, pages / 2),
                _ => pages,
            };
        }

        foreach (var statement in WideKeySql.Verify(table))
        {
            await RetryAsync(() => RunAsync([statement], cancellationToken), operation, cancellationToken).ConfigureAwait(false);
        }

        return rows;
    }

    private async Task<long> FillAsync(WideTable table, long from, long to, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        var commands = new CommandBatch(session.Open) { Timeout = 0 };
        LiftTimeLimits(commands, session);
        if (table.HasUpdateTriggers)
        {
            commands.Add(SessionSettings.TriggersOff); // nobody changed these rows
        }

        // The functions that the table's CHECKs call may rely on the role's path.
        commands.AddWithOtherPath($"{WideKeySql.Fill(table)} AND {SessionSettings.RolePathHolds}", Parameter.Of(Tid(from)), Parameter.Of(Tid(to)));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await session.CommitAsync(cancellationToken).ConfigureAwait(false);
        return Math.Max(0, commands.RowsAffected ?? 0);
    }

    private static string Tid(long page) => string.Create(CultureInfo.InvariantCulture, $"({page},0)");

    private async Task RunAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        await SchemaUpdater.LimitLocksAsync(session.Open, _options.LockTimeout, isLocal: true, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(session, statements, cancellationToken).ConfigureAwait(false);
        await session.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the columns change places.</summary>
    /// <returns>What was swapped; null when something turned out to be missing, as when somebody made an index meanwhile.</returns>
    private async Task<WideKeys?> SwapAsync(CancellationToken cancellationToken)
    {
        WideKeys? swapped = null;
        WideKeys? tried = null;
        _progress?.Report("waiting for the tables");
        await RetryAsync(
            async () =>
            {
                await using var session = await Session.BeginAsync(_connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
                await SchemaUpdater.LimitLocksAsync(session.Open, _options.LockTimeout, isLocal: true, cancellationToken).ConfigureAwait(false);
                var hasLedger = false;
                await session.QueryAsync(
                    "SELECT to_regclass($1) IS NOT NULL", row => hasLedger = row.GetBoolean(0), cancellationToken, Parameter.Of(_connection.Quote(LedgerTable.Name))).ConfigureAwait(false);
                var keys = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
                if (keys.Tables.Count == 0)
                {
                    swapped = tried; // the try before was committed, although the answer was lost
                    return;
                }

                await ExecuteAsync(session, WideKeySql.Lock(keys, session.Schema, hasLedger), cancellationToken).ConfigureAwait(false);
                keys = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
                if (!WideningStep.Before(keys).Any())
                {
                    await ExecuteAsync(session, WideKeySql.Swap(keys), cancellationToken).ConfigureAwait(false);
                    tried = keys;
                    await session.CommitAsync(cancellationToken).ConfigureAwait(false);
                    swapped = keys;
                }
            },
            "the step \"column: swap\"",
            cancellationToken).ConfigureAwait(false);
        return swapped;
    }

    private static async Task ExecuteAsync(Session session, IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(session.Open) { Timeout = 0 };
        LiftTimeLimits(commands, session);
        foreach (var statement in statements)
        {
            if (statement.StartsWith("SELECT ", StringComparison.Ordinal))
            {
                commands.Query(statement, _ => { });
            }
            else
            {
                commands.Add(statement);
            }
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>However long a step takes, no limit of the role or the database ends it.</summary>
    private static void LiftTimeLimits(CommandBatch commands, Session session)
    {
        foreach (var setting in SessionSettings.TimeLimits(session.Open.PostgreSqlVersion))
        {
            commands.Add($"SET LOCAL {setting} = 0");
        }
    }

    /// <summary>Tries work again after a transient error: a lock that was not to be had in time, a deadlock, a server that restarts.</summary>
    private async Task RetryAsync(Func<Task> work, string operation, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await work().ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or StreamingException or IOException or TimeoutException)
            {
                if (!ServerError.IsTransient(exception) || clock.Elapsed > RetryTimeout)
                {
                    throw Unfinished(ServerError.Translate(exception, _connection, operation));
                }
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), cancellationToken).ConfigureAwait(false);
        }
    }

    private static StreamingException Unfinished(StreamingException error) => error.ErrorId == ErrorIds.KeyNotWidened ? error : new(
        error.ErrorId,
        error.Kind,
        $"{error.Problem} What was done before stays, and the tables can be used as they are.",
        $"{error.Remedy} Then run the command again: it does the rest.".TrimStart(),
        error.Target,
        error)
    {
        SqlState = error.SqlState,
    };
}
