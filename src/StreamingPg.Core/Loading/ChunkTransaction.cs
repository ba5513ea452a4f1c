using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading;

/// <summary>
/// The transaction of one chunk, and all that its steps share: the session and its schema, the ledger row, the plan, how foreign keys
/// are verified, the watchdog and the spans.
/// </summary>
internal sealed class ChunkTransaction : IAsyncDisposable
{
    private readonly DatabaseConnection _connection;
    private readonly DeadBackend _deadBackend;
    private readonly int _backend;
    private readonly IDisposable? _sampling;
    private BatchPlan? _plan;

    private ChunkTransaction(DatabaseConnection connection, Session session, BatchRequest request, LedgerClaim claim, BatchPlan? plan, DeadBackend deadBackend, Watchdog watchdog)
    {
        _connection = connection;
        _deadBackend = deadBackend;
        Session = session;
        Request = request;
        Claim = claim;
        Watchdog = watchdog;
        _plan = plan;
        _backend = session.Open.ProcessID;
        Inserted = new InsertCounter(session.Schema);
        Places = new NewRowPlaces(session.Schema);
        _sampling = request.Sampler?.Watch(session.Open);
    }

    /// <summary>The batch.</summary>
    public BatchRequest Request { get; }

    /// <summary>The tables of the batch.</summary>
    public StreamModel Model => Request.Model;

    /// <summary>The ledger row of the chunk.</summary>
    public LedgerClaim Claim { get; }

    /// <summary>The session, whose transaction begins with the first round trip.</summary>
    public Session Session { get; }

    /// <summary>Schema of the tables.</summary>
    public string Schema => Session.Schema;

    /// <summary>Hears of every step forward, and cancels the transaction when there is none for too long.</summary>
    public Watchdog Watchdog { get; }

    /// <summary>Cancels the transaction.</summary>
    public CancellationToken Token => Watchdog.Token;

    /// <summary>True for the first chunk, which makes the plan for all.</summary>
    public bool MakesPlan => Claim.BatchNumber is null;

    /// <summary>What decides the rows.</summary>
    public BatchPlan Plan
    {
        get => _plan ?? throw new InvalidOperationException("The chunk has no plan yet.");
        set => _plan = value;
    }

    /// <summary>How foreign keys are verified, and why so.</summary>
    public ForeignKeyDecision Decision { get; set; }

    /// <summary>How foreign keys are verified.</summary>
    public ForeignKeyCheck Check => Decision.Check;

    /// <summary>How they are verified table by table.</summary>
    public SetCheckedTables Checks { get; set; } = new(ForeignKeyCheck.Row, new HashSet<string>());

    /// <summary>Finds new rows of tables whose new keys are no range.</summary>
    public NewRowPlaces Places { get; }

    /// <summary>Counts rows of tables whose new keys are no range.</summary>
    public InsertCounter Inserted { get; }

    /// <summary>Opens a session for a chunk, whose transaction begins with the first round trip.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="request">The batch.</param>
    /// <param name="claim">The ledger row of the chunk.</param>
    /// <param name="plan">The plan; null for the first chunk, which makes it.</param>
    /// <param name="deadBackend">Session of an attempt before, which is ended first; it will be this one if its connection breaks.</param>
    /// <param name="watchdog">Cancels the transaction.</param>
    /// <exception cref="StreamingException">The server cannot be reached.</exception>
    public static async Task<ChunkTransaction> BeginAsync(
        DatabaseConnection connection, BatchRequest request, LedgerClaim claim, BatchPlan? plan, DeadBackend deadBackend, Watchdog watchdog)
    {
        var session = await Session.OpenAsync(connection, SessionKind.Write, watchdog.Token).ConfigureAwait(false);
        var transaction = new ChunkTransaction(connection, session, request, claim, plan, deadBackend, watchdog);
        try
        {
            await deadBackend.EndAsync(session, watchdog.Token).ConfigureAwait(false);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The target tables as remembered, or as they are.</summary>
    /// <exception cref="StreamingException">A table is missing, does not fit the model, or changed since the stream began.</exception>
    public async Task<TargetTables> ReadTablesAsync()
    {
        var tables = await TargetTables.GetAsync(Session, _connection, Model, Token).ConfigureAwait(false);
        Request.Options.Shape?.Look(tables.Live, _connection);
        return tables;
    }

    /// <summary>An empty batch of commands.</summary>
    public CommandBatch NewCommands() => Session.NewCommands();

    /// <summary>Sends commands; their answer is a step forward.</summary>
    public async Task ExecuteAsync(CommandBatch commands)
    {
        await commands.ExecuteAsync(Token).ConfigureAwait(false);
        Watchdog.Moved();
    }

    /// <summary>Begins a phase.</summary>
    /// <param name="name">One of <see cref="BatchPhase"/>.</param>
    public PhaseSpan StartPhase(string name) => StreamingActivity.StartPhase(_connection, name, Claim.Chunk);

    /// <summary>Commits.</summary>
    public Task CommitAsync() => CommitAsync(NewCommands());

    /// <summary>Sends commands and commits, in one round trip; if one of them fails, nothing is committed.</summary>
    public async Task CommitAsync(CommandBatch commands)
    {
        using var recovery = ShardRecovery.Listen(Session, Model);
        await Session.CommitAsync(commands, Token).ConfigureAwait(false);
        Watchdog.Moved();
        await (recovery?.CompleteAsync(Token) ?? Task.CompletedTask).ConfigureAwait(false);

        // To a commit that waits for a synchronous standby the server answers, when it is cancelled, that it succeeded: it has, but only here.
        Token.ThrowIfCancellationRequested();
    }

    /// <summary>Takes back what was not committed, and closes the session.</summary>
    public ValueTask DisposeAsync()
    {
        _sampling?.Dispose();
        if (Session.IsBroken)
        {
            _deadBackend.ProcessId = _backend;
        }

        return Session.DisposeAsync();
    }
}

/// <summary>Ends an attempt that has not got on for a while: a server may hang without closing its connections.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _outer;
    private readonly TimeSpan _limit;

    public Watchdog(TimeSpan limit, CancellationToken outer)
    {
        _limit = limit;
        _outer = outer;
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        Moved();
    }

    /// <summary>Runs work that is one step.</summary>
    /// <exception cref="NpgsqlException">The server gave no sign for too long.</exception>
    public static async Task<T> RunAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken outer)
    {
        using var watchdog = new Watchdog(limit, outer);
        try
        {
            return await work(watchdog.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (watchdog.HasStalled)
        {
            throw watchdog.Error(exception);
        }
    }

    /// <summary>Cancelled when the attempt hangs, or when the outer token is.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>True when the attempt was ended because it hung.</summary>
    public bool HasStalled => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>The attempt made progress: the stall timeout starts again.</summary>
    public void Moved() => _source.CancelAfter(_limit);

    /// <summary>What is thrown for an attempt that hung; it is transient.</summary>
    public NpgsqlException Error(Exception cause) => new(
        $"the server was silent for {DisplayText.Duration(_limit)}", new TimeoutException("The server was silent.", cause));

    public void Dispose() => _source.Dispose();
}
