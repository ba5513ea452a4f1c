using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>What a user asks of a batch.</summary>
internal sealed record BatchOptions
{
    /// <summary>New rows per table; a table of the model that is not named gets none.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    /// <summary>True when tables that <see cref="Rows"/> does not name get as many as metadata says (<see cref="BatchRows"/>).</summary>
    public bool RowsOfMetadata { get; init; }

    /// <summary>Share of references, 0 to 1, that go to parents that were there before, where there are any.</summary>
    public double ExistingRatio { get; init; } = DefaultExistingRatio;

    /// <summary>Seed of the random values; null draws one.</summary>
    public long? Seed { get; init; }

    /// <summary>No generated time is after this one (UTC); null means now; with a seed, the newest reference time in the ledger, or a fixed instant where nothing was loaded yet.</summary>
    public DateTime? ReferenceTime { get; init; }

    /// <summary>When its events happen; null means now for those of a stream, and where some arrive late, else spread.</summary>
    public EventTime? EventTime { get; init; }

    /// <summary>How far before the reference time its events lie; null means the usual span of each table, or <see cref="DefaultNow"/> for events of now.</summary>
    public TimeSpan? EventSpan { get; init; }

    /// <summary>How its events vary over the week (<see cref="RhythmModel.Of"/>); null for evenly.</summary>
    public RhythmModel? Rhythm { get; init; }

    /// <summary>Rows that arrive late (<see cref="LateModel.Of"/>); null for none.</summary>
    public LateModel? Late { get; init; }

    /// <summary>The history of <see cref="EventSpan"/> that the batch is, in the order of its rows; null for none.</summary>
    public HistoryModel? History { get; init; }

    /// <summary>True when the reference time is a tick, which others follow: keys then need nothing else to be in order.</summary>
    internal bool IsTick { get; init; }

    /// <summary>Locale of names, cities and products, such as <c>en</c> or <c>de</c>.</summary>
    public string Locale { get; init; } = GenerationOptions.DefaultLocale;

    /// <summary>Key of the batch in the ledger; null makes one. A batch that is already there is not loaded again.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>
    /// Maximum rows of one transaction; a batch of more rows is cut into chunks, each a transaction of its own. Null for
    /// <see cref="DefaultChunkSize"/>, or <see cref="DefaultChunkRowsOfTable"/> for each table where that is more: a chunk costs as many commands as
    /// it has tables.
    /// </summary>
    public int? ChunkSize { get; init; }

    /// <summary><see cref="ChunkSize"/> with the default filled in.</summary>
    public int RowsOfChunk =>
        ChunkSize ?? Math.Max(DefaultChunkSize, DefaultChunkRowsOfTable * Rows.Values.Count(static rows => rows > 0));

    /// <summary>Connections that load chunks at the same time, 1 to <see cref="MaxConnections"/>.</summary>
    public int Parallel { get; init; } = DefaultConnections;

    /// <summary>True to measure which limit the batch hits, by looking at the server's sessions from a connection of its own.</summary>
    public bool Statistics { get; init; }

    /// <summary>How foreign keys are verified.</summary>
    public ForeignKeyCheck ForeignKeyCheck { get; init; } = ForeignKeyCheck.Auto;

    /// <summary>
    /// With <see cref="BatchId"/>: resumes a large batch of which the ledger has some chunks, as it was planned when it began;
    /// the other options that decide its rows are not looked at. A batch that the ledger does not have starts over.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>False to fail at once where a row that was chosen is gone, or a key is taken: nobody else writes, or the next attempt is another's.</summary>
    public bool RetriesConflicts { get; init; } = true;

    /// <summary>True to load all rows by one statement, for tables that must refer to each other; they are few enough for one round trip.</summary>
    public bool AtOnce { get; init; }

    /// <summary>Maximum retries after a transient error; 0 disables retries.</summary>
    public int MaxRetry { get; init; } = DefaultMaxRetry;

    /// <summary>Stop retrying this long after the first failure of the same transaction.</summary>
    public TimeSpan RetryTimeout { get; init; } = DefaultRetryTimeout;

    /// <summary>Treat the server as failed if it is silent for this long while a transaction waits for it.</summary>
    public TimeSpan StallTimeout { get; init; } = DefaultStallTimeout;

    /// <summary>What happens when a column is wider than metadata says, or when somebody changes the tables of a stream.</summary>
    public TableChangeAction OnSchemaChange { get; init; } = TableChangeAction.Stop;

    /// <summary>Notices that the tables change between the batches of a stream; null for a single batch.</summary>
    internal SchemaChangeDetector? Shape { get; init; }

    /// <summary>Smallest <see cref="ExistingRatio"/>: every reference goes to a new row.</summary>
    public const double MinExistingRatio = 0;

    /// <summary>Largest <see cref="ExistingRatio"/>: every reference goes to a row that was there before.</summary>
    public const double MaxExistingRatio = 1;

    /// <summary>Share of references to rows that were there before when nothing else is asked.</summary>
    public const double DefaultExistingRatio = 0.5;

    /// <summary>Maximum connections that load at the same time.</summary>
    public const int MaxConnections = 64;

    /// <summary>Connections that load when nothing else is asked.</summary>
    public const int DefaultConnections = 1;

    /// <summary>Repeats when nothing else is asked: a single batch, with a person who waits for it.</summary>
    public const int DefaultMaxRetry = 5;

    /// <summary>Time for repeats when nothing else is asked.</summary>
    public static readonly TimeSpan DefaultRetryTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Patience with a silent server when nothing else is asked.</summary>
    public static readonly TimeSpan DefaultStallTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Rows of one transaction when nothing else is asked.</summary>
    public const int DefaultChunkSize = 100_000;

    /// <summary>Rows of one transaction for each of its tables when nothing else is asked, if there are many tables.</summary>
    public const int DefaultChunkRowsOfTable = 1_000;

    /// <summary>How old the events of a single batch are that happen now.</summary>
    public static readonly TimeSpan DefaultNow = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(36_500);

    /// <summary>When the events happen.</summary>
    public EventTimes Events => EventTime == StreamingPg.EventTime.Now || (EventTime is null && Late is not null)
        ? new EventTimes { IsNow = true, Span = EventSpan ?? DefaultNow, Rhythm = Rhythm, Late = Late }
        : new EventTimes { Span = EventSpan, Rhythm = Rhythm, History = History };

    /// <summary>Rows of all tables.</summary>
    public long TotalRows => Rows.Values.Sum();

    /// <summary>Rows of one table.</summary>
    public long RowsOf(string table) => Rows.GetValueOrDefault(table);

    /// <summary>Rejects invalid options before anything touches the database.</summary>
    /// <exception cref="StreamingException">An option is out of range, or names a table that the model does not have.</exception>
    internal void Check(StreamModel model)
    {
        BatchPlan.CheckCounts(model, Rows);
        Require(
            ExistingRatio is >= MinExistingRatio and <= MaxExistingRatio,
            nameof(ExistingRatio),
            ExistingRatio,
            $"{MinExistingRatio} to {MaxExistingRatio}");
        Require(RowsOfChunk >= 1, nameof(ChunkSize), RowsOfChunk, "1 or more");
        Require(Parallel is >= 1 and <= MaxConnections, nameof(Parallel), Parallel, $"1 to {MaxConnections}");
        Require(
            EventSpan is null || (EventSpan > TimeSpan.Zero && EventSpan <= LongestSpan), "TimeSpan", EventSpan ?? default, "more than zero, up to 36500 days");
        Require(Late is null || EventTime != StreamingPg.EventTime.Spread, "Late", Late?.Share ?? 0, "it with events that happen now");
        Require(History is null || Parallel == 1, "Parallel", Parallel, "1 for a history, which is loaded in the order of time");
        Require(History is not { Churn: not (>= 0 and <= HistoryModel.MaxChurn) }, "Churn", History?.Churn ?? 0, $"0 to {HistoryModel.MaxChurn}");
        Require(
            History is not { GrowthFactor: not (>= 1 and <= HistoryModel.MaxGrowthFactor) }, "GrowthFactor", History?.GrowthFactor ?? 0, $"1 to {HistoryModel.MaxGrowthFactor:0}");
        Require(MaxRetry >= 0, nameof(MaxRetry), MaxRetry, "0 or more");
        Require(RetryTimeout >= TimeSpan.Zero, nameof(RetryTimeout), RetryTimeout, "zero or more");
        Require(
            StallTimeout > TimeSpan.Zero && StallTimeout <= LongestTimer, nameof(StallTimeout), StallTimeout, "more than zero, up to 49 days");
        if (Resume && BatchId is null)
        {
            throw new StreamingException(
                ErrorIds.ResumeNeedsBatchId,
                StreamingErrorKind.InvalidInput,
                "-Resume needs -BatchId (--resume needs --batch-id).",
                "Get-StreamingBatch -Status Incomplete (streamingpg ledger --status Incomplete) lists batches that stopped midway.");
        }
    }

    private static readonly TimeSpan LongestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private static void Require(bool holds, string option, object value, string range)
    {
        if (!holds)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"{option} cannot be {value}.",
                $"Use {range}.",
                value);
        }
    }
}
