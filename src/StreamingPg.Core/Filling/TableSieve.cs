using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Filling;

/// <summary>
/// Fills a table whose constraints we cannot keep by ourselves: makes more rows than are needed, and lets the server take those that
/// break none. Each round is a transaction with a ledger row; what the server refuses for another reason than a constraint is halved,
/// by savepoints, until the rows are found that it takes.
/// </summary>
internal sealed class TableSieve
{
    private const int MostRounds = 24;
    private const int FewOfCandidates = 8;
    private const int FewestCandidates = 200;
    private const int MostCandidates = 4000;
    private const int FewestAtATime = 8;
    private const int MostAtATime = 1000;
    private const int RefusalsToGiveUp = 60;
    private const int RefusalsOfOneKind = 20;
    private const int RefusalsToAsk = 8;
    private const int MostRefusals = 1000;

    private readonly DatabaseConnection _connection;
    private readonly IReadOnlyList<UnreadCheck> _checks;
    private readonly FillOptions _options;
    private readonly long _seed;
    private StreamModel _model;
    private TableModel _table;
    private bool _skipTaken = true;
    private bool _isGuessed;
    private bool _isLeast;
    private TableModel? _beforeVaried;
    private int _kind;
    private int _refused;
    private int _refusedInAll;

    /// <param name="connection">The database.</param>
    /// <param name="model">The table, and all that it refers to.</param>
    /// <param name="table">The table.</param>
    /// <param name="options">How it is filled.</param>
    /// <param name="seed">The seed.</param>
    public TableSieve(DatabaseConnection connection, StreamModel model, TableModel table, FillOptions options, long seed)
    {
        _connection = connection;
        _checks = table.UnreadChecks;
        _table = CandidateTable.Of(table);
        _isGuessed = _checks.Count == 0;
        _table = _table with { MayDisagree = SharedAncestor.Of(model.With(_table), _table).Count == 0 };
        _model = model.With(_table);
        _options = options;
        _seed = seed;
    }

    /// <summary>The tables of the schema as they are; null to read those that are needed.</summary>
    public TargetTables? Tables { get; init; }

    /// <summary>Says of a refusal that a table made otherwise is worth trying: without a row, the sieve gives up soon then.</summary>
    public Func<StreamingException, bool> IsForOthers { get; init; } = _ => false;

    /// <summary>The rows that are committed so far.</summary>
    public long Made { get; private set; }

    /// <summary>Why the server refused rows, when it did; the last reason of all.</summary>
    public StreamingException? Refusal { get; private set; }

    /// <summary>True after many refusals without a row between them, or very many in all: each costs two statements.</summary>
    private bool HasGivenUp => _refused >= (_kind > 0 && Made == 0 ? RefusalsOfOneKind : RefusalsToGiveUp) || _refusedInAll >= MostRefusals || IsOverForOthers;

    private bool IsOverForOthers => _refused >= RefusalsToAsk && Made == 0 && Refusal is not null && IsForOthers(Refusal);

    /// <summary>Adds rows until there are as many as asked for, or no more can be had.</summary>
    /// <returns>The rows that were added.</returns>
    /// <exception cref="StreamingException">The connection failed, or its rows cannot be made at all.</exception>
    public async Task<long> FillAsync(long rows, CancellationToken cancellationToken)
    {
        long made = 0;
        var defaults = new BatchOptions { Rows = new Dictionary<string, long>() };
        var retry = new TransientRetry(
            _connection, new RetryRule($"Filling {_connection.Quote(_table.Name)}", defaults.MaxRetry, defaults.RetryTimeout), events: null, BatchTelemetry.OfOtherWork(_connection), cancellationToken);
        var (tried, idle) = (0L, 0);
        Tables?.Remember(_connection, _model);
        for (var round = 0; round < MostRounds && made < rows && idle < 2 && !HasGivenUp; round++)
        {
            var wanted = made == 0 ? 2 * rows << round : (rows - made) * tried / made * 5 / 4;
            var candidates = (int)Math.Clamp(wanted, FewestCandidates, MostCandidates);
            var (number, missing) = (round, rows - made);
            var added = await retry.RunAsync(_ => AgreeingRoundAsync(number, candidates, missing, cancellationToken), isWorthRepeating: _ => false).ConfigureAwait(false);
            made += added;
            Made = made;
            tried += candidates;
            if (added < Math.Min(missing, candidates / FewOfCandidates) && !IsOverForOthers && Relax(made, rows))
            {
                (tried, idle, _refused) = (made, 0, 0);
                continue;
            }

            idle = added == 0 ? idle + 1 : 0;
        }

        return made;
    }

    /// <summary>Asks less of the rows: that parents agree is a default, no law, and where nothing passes, any value may be what is wanted.</summary>
    /// <returns>False when nothing is left to try.</returns>
    private bool Relax(long made, long rows)
    {
        if (!_isGuessed)
        {
            _isGuessed = true;
            _table = CandidateTable.Guessed(_table, _checks);
        }
        else if (!_table.MayDisagree && made < rows / 2)
        {
            _table = _table with { MayDisagree = true };
        }
        else if (_beforeVaried is null && made * FewOfCandidates < rows && Refusal is not null)
        {
            _beforeVaried = _table;
            _table = CandidateTable.Varied(_table, _checks);
        }
        else if (_beforeVaried is not null && !_isLeast && made * FewOfCandidates < rows)
        {
            _isLeast = true;
            _table = CandidateTable.Least(_beforeVaried);
        }
        else if (_beforeVaried is not null && made * FewOfCandidates < rows && _kind < CandidateTable.Kinds)
        {
            _table = CandidateTable.OfOneKind(_beforeVaried, _checks, _kind++);
        }
        else
        {
            return false;
        }

        _model = _model.With(_table);
        Tables?.Remember(_connection, _model);
        return true;
    }

    /// <summary>A round; no row where no parents agree that must.</summary>
    private async Task<long> AgreeingRoundAsync(int round, int candidates, long wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await RoundAsync(round, candidates, wanted, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException error) when (!_table.MayDisagree && error.Kind == StreamingErrorKind.ResourceExhausted && error.SqlState is null)
        {
            return 0;
        }
    }

    private async Task<long> RoundAsync(int round, int candidates, long wanted, CancellationToken cancellationToken)
    {
        var request = new BatchRequest(_model, new BatchOptions
        {
            Rows = new Dictionary<string, long> { [_table.Name] = candidates },
            Seed = _seed + round,
            ReferenceTime = _options.ReferenceTime,
            Locale = _options.Locale,
        });
        var claim = new LedgerClaim
        {
            BatchId = request.BatchId,
            Chunk = 0,
            Chunks = 1,
            Seed = request.Settings.Seed,
            ReferenceTime = request.Settings.ReferenceTime,
        };
        using var watchdog = new Watchdog(request.Options.StallTimeout, cancellationToken);
        await using var transaction = await ChunkTransaction.BeginAsync(
            _connection, request, claim, plan: null, new DeadBackend(), watchdog).ConfigureAwait(false);
        transaction.Decision = new ForeignKeyDecision(ForeignKeyCheck.Row, "the server says which rows may stay");
        var opening = new ChunkOpening(transaction, await transaction.ReadTablesAsync().ConfigureAwait(false));
        await opening.ClaimAsync().ConfigureAwait(false);
        var generator = new BatchGenerator(await opening.MakePlanAsync().ConfigureAwait(false), 0);

        // What waits for the end of the transaction would refuse all rows there, and not those that are at fault.
        var immediate = transaction.NewCommands();
        immediate.Add("SET CONSTRAINTS ALL IMMEDIATE");
        await transaction.ExecuteAsync(immediate).ConfigureAwait(false);

        long added = 0;
        for (int from = 0, count; from < candidates && added < wanted && !HasGivenUp; from += count)
        {
            // Not many more than are wanted: of those that are cut off nobody knows whether they could have stayed.
            count = (int)Math.Min(Math.Clamp(wanted - added, FewestAtATime, MostAtATime), candidates - from);
            added += await InsertAsync(transaction, generator, from, count, wanted - added).ConfigureAwait(false);
        }

        if (added > 0)
        {
            var complete = transaction.NewCommands();
            BatchLedger.Complete(
                complete, _connection.Schema, claim, new Dictionary<string, long> { [_table.Name] = added }, ForeignKeyCheck.Row, retries: 0, plan: null, _ => { });
            await transaction.ExecuteAsync(complete).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
        }

        return added;
    }

    /// <summary>Adds candidates; where the server refuses the whole statement, those of each half.</summary>
    private async Task<long> InsertAsync(ChunkTransaction transaction, BatchGenerator generator, int from, int count, long wanted)
    {
        if (wanted <= 0 || HasGivenUp)
        {
            return 0;
        }

        try
        {
            return await SaveAsync(transaction, generator, from, count, wanted).ConfigureAwait(false);
        }
        catch (PostgresException exception) when (IsOfRows(exception) || (_skipTaken && exception.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState))
        {
            await TakeBackAsync(transaction).ConfigureAwait(false);
            if (exception.SqlState is PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.ObjectNotInPrerequisiteState && _skipTaken)
            {
                _skipTaken = false; // the table has rules, or a unique constraint that may wait
                return await InsertAsync(transaction, generator, from, count, wanted).ConfigureAwait(false);
            }

            Refusal = ServerError.Translate(exception, _connection, $"filling {_connection.Quote(_table.Name)}");
            if (count == 1)
            {
                _refused++;
                _refusedInAll++;
                return 0;
            }

            var half = count / 2;
            var first = await InsertAsync(transaction, generator, from, half, wanted).ConfigureAwait(false);
            return first + await InsertAsync(transaction, generator, from + half, count - half, wanted - first).ConfigureAwait(false);
        }
    }

    private async Task<long> SaveAsync(ChunkTransaction transaction, BatchGenerator generator, int from, int count, long wanted)
    {
        var begin = transaction.NewCommands();
        begin.Add("SAVEPOINT sieve");

        // Constraints are spelt as the schema's own path finds their names.
        begin.Add($"SET LOCAL search_path = {Identifier.Quote(_connection.Schema)}, pg_temp");
        await transaction.ExecuteAsync(begin).ConfigureAwait(false);
        await using var insert = new NpgsqlCommand(SieveSql.Insert(_connection.Schema, _table, _checks, _skipTaken), transaction.Session.Open);
        using var block = new RowBlock();
        generator.Table(_table.Name).Fill(new RowWriter(block), from, from + count, grow: true);
        foreach (var array in EncodedArray.Parameters([.. _table.WrittenColumns], block))
        {
            insert.Parameters.Add(array);
        }

        insert.Parameters.Add(Parameter.Of(wanted));
        var added = await insert.ExecuteAsync(transaction.Token).ConfigureAwait(false);
        var end = transaction.NewCommands();
        end.Add(SessionSettings.UseFixedPath);
        end.Add("RELEASE SAVEPOINT sieve");
        await transaction.ExecuteAsync(end).ConfigureAwait(false);
        _refused = added > 0 ? 0 : _refused;
        return Math.Max(0, added);
    }

    private static Task TakeBackAsync(ChunkTransaction transaction)
    {
        var back = transaction.NewCommands();
        back.Add("ROLLBACK TO SAVEPOINT sieve");
        back.Add("RELEASE SAVEPOINT sieve");
        back.Add(SessionSettings.UseFixedPath);
        return transaction.ExecuteAsync(back);
    }

    /// <summary>False for what has nothing to do with the rows: the server stops, has no memory or disk left, may not write.</summary>
    private static bool IsOfRows(PostgresException error) =>
        error.SqlState[..2] is not ("08" or "25" or "28" or "40" or "53" or "55" or "57" or "58" or "XX");
}
