using System.Collections;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Streaming;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Generates, loads, verifies and commits one batch, or batch after batch; or fills an existing database without metadata.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StreamingBatch", DefaultParameterSetName = ByBatch, SupportsShouldProcess = true)]
[OutputType(typeof(BatchResult), typeof(TableFillResult), typeof(Job))]
public sealed partial class InvokeStreamingBatchCommand : ModelCmdlet
{
    private const string ByBatch = "Batch";
    private const string ByStream = "Stream";
    private const string ByResume = "Resume";

    /// <summary>New rows per table.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(RowsCompleter))]
    public IDictionary? Rows { get; set; }

    /// <summary>New users.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Users { get; set; }

    /// <summary>New transactions.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Transactions { get; set; }

    /// <summary>New line items.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Details { get; set; }

    /// <summary>Share of the new transactions that go to users who were there before.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream)]
    [ValidateRange(BatchOptions.MinExistingRatio, BatchOptions.MaxExistingRatio)]
    [Alias("ExistingUserRatio")]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double ExistingRatio { get; set; } = BatchOptions.DefaultExistingRatio;

    /// <summary>Seed of the random values.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByDatabase)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Seed { get; set; }

    /// <summary>No generated time is after this one.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream)]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? ReferenceTime { get; set; }

    /// <summary>When the events of a batch happen.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream)]
    public EventTime? EventTime { get; set; }

    /// <summary>How far before the reference time events lie.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? TimeSpan { get; set; }

    /// <summary>How events vary over the week.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    public RatePattern? RatePattern { get; set; }

    /// <summary>Time zone of the rate pattern.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <summary>Factors of dates, such as holidays.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public IDictionary? DateFactor { get; set; }

    /// <summary>Share of the rows that arrive late.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream)]
    [ValidateRange(0.0, 1.0)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double? Late { get; set; }

    /// <summary>How late they are.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public string? LateBy { get; set; }

    /// <summary>Locale of names, cities and products.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByDatabase)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocaleCompleter))]
    public string Locale { get; set; } = GenerationOptions.DefaultLocale;

    /// <summary>Key of the batch in the ledger.</summary>
    // Not mandatory to resume, though it is needed: PowerShell would take all that is piped for a batch to resume, and ask for -Resume.
    [Parameter(ParameterSetName = ByBatch, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByHistory, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByResume, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(BatchIdCompleter))]
    public Guid? BatchId { get; set; }

    /// <summary>Maximum rows of one transaction.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int ChunkSize { get; set; } = BatchOptions.DefaultChunkSize;

    /// <summary>How foreign keys are verified.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    public ForeignKeyCheck ForeignKeyCheck { get; set; } = ForeignKeyCheck.Auto;

    /// <summary>Connections that load at the same time.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByResume)]
    [ValidateRange(1, BatchOptions.MaxConnections)]
    [Alias("ThrottleLimit")]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int Parallel { get; set; } = BatchOptions.DefaultConnections;

    /// <summary>Measures which limit the batch hits.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    public SwitchParameter Statistics { get; set; }

    /// <summary>Goes on with the batch <see cref="BatchId"/> where it stopped.</summary>
    [Parameter(ParameterSetName = ByResume, Mandatory = true)]
    public SwitchParameter Resume { get; set; }

    /// <summary>What happens when a column is wider than metadata says, or when somebody changes the tables of a stream.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    public TableChangeAction OnSchemaChange { get; set; } = TableChangeAction.Stop;

    /// <summary>Maximum retries after a transient error.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    [ValidateRange(0, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int? MaxRetry { get; set; }

    /// <summary>Stop retrying this long after the first failure.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RetryTimeout { get; set; } = BatchOptions.DefaultRetryTimeout;

    /// <summary>Treat the server as failed if it is silent for this long.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StallTimeout { get; set; } = BatchOptions.DefaultStallTimeout;

    /// <summary>Generators of your own, by table.column.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ColumnGeneratorCompleter))]
    public IDictionary? Generator { get; set; }

    /// <summary>Assemblies with generators of your own.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    [ValidateNotNullOrEmpty]
    public string[]? GeneratorPath { get; set; }

    /// <summary>File that gets a JSON line per event.</summary>
    [Parameter(ParameterSetName = ByBatch), Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory), Parameter(ParameterSetName = ByResume)]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Loads batch after batch.</summary>
    [Parameter(ParameterSetName = ByStream, Mandatory = true)]
    public SwitchParameter Continuous { get; set; }

    /// <summary>Time from batch to batch.</summary>
    [Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Interval { get; set; }

    /// <summary>Pace in batches.</summary>
    [Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double? BatchesPerSecond { get; set; }

    /// <summary>Pace in rows of all tables.</summary>
    [Parameter(ParameterSetName = ByStream)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double? RowsPerSecond { get; set; }

    /// <summary>How the batches are spread over time.</summary>
    [Parameter(ParameterSetName = ByStream)]
    public StreamArrival Arrival { get; set; } = StreamArrival.Steady;

    /// <summary>What happens to batches whose time went by.</summary>
    [Parameter(ParameterSetName = ByStream)]
    public CatchUp CatchUp { get; set; } = CatchUp.None;

    /// <summary>Stop after this many batches.</summary>
    [Parameter(ParameterSetName = ByStream)]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? MaxBatches { get; set; }

    /// <summary>Stop after the batch that reaches this many rows.</summary>
    [Parameter(ParameterSetName = ByStream)]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? MaxRows { get; set; }

    /// <summary>Start no batch after this long.</summary>
    [Parameter(ParameterSetName = ByStream)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Duration { get; set; }

    /// <summary>Begins no batch later than this instant.</summary>
    [Parameter(ParameterSetName = ByStream), Parameter(ParameterSetName = ByHistory)]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTimeOffset? Until { get; set; }

    /// <summary>Removes rows whose own time is longer ago than this, as the stream goes on.</summary>
    [Parameter(ParameterSetName = ByStream)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Retention { get; set; }

    /// <summary>Allows a retention of less than a minute.</summary>
    [Parameter(ParameterSetName = ByStream)]
    public SwitchParameter Force { get; set; }

    /// <summary>Streams in a job.</summary>
    [Parameter(ParameterSetName = ByStream)]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Name of the job; with it, the stream runs in one.</summary>
    [Parameter(ParameterSetName = ByStream)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? JobName { get; set; }

    private BatchOptions OptionsFor(StreamModel model) => Options with
    {
        Rows = BatchRows.Asked(
            model,
            Rows is null ? null : RowCounts.Of(Rows),
            (DefaultTables.Users, "-Users", Users),
            (DefaultTables.Transactions, "-Transactions", Transactions),
            (DefaultTables.Details, "-Details", Details)),
        RowsOfMetadata = true,
        Rhythm = RhythmModel.Of(model, RatePattern, TimeZone, DateFactor is null ? null : DateFactors.Of(DateFactor)),
    };

    private BatchOptions Options => new()
    {
        Rows = new Dictionary<string, long>(),
        ExistingRatio = ExistingRatio,
        Seed = Seed,
        ReferenceTime = ReferenceTime,
        EventTime = EventTime,
        EventSpan = TimeSpan,
        Late = LateModel.Of(Late, LateBy),
        Locale = Locale,
        BatchId = BatchId,
        ChunkSize = MyInvocation.BoundParameters.ContainsKey(nameof(ChunkSize)) ? ChunkSize : null,
        Parallel = Parallel,
        ForeignKeyCheck = ForeignKeyCheck,
        OnSchemaChange = OnSchemaChange,
        Statistics = Statistics,
        Resume = Resume,
        MaxRetry = MaxRetry ?? (Continuous ? StreamOptions.DefaultMaxRetry : BatchOptions.DefaultMaxRetry),
        RetryTimeout = RetryTimeout,
        StallTimeout = StallTimeout,
    };

    /// <inheritdoc/>
    private protected override OwnGenerators Generators => SessionGenerators.With(Generator, GeneratorPath?.Select(ResolvePath));

    private string? LogFile => LogPath is null ? null : ResolvePath(LogPath);

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => Continuous || FromDatabase ? [] : [ConnectionPurpose.Batch];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (FromDatabase)
        {
            Fill(ResolveConnection());
            return;
        }

        ValuePools.Prepare(Locale);
        var model = ReadModel();
        var options = OptionsFor(model);
        options = History is null ? options : HistoryOf(History.Value).Of(model, options);
        options.Check(model);
        var connection = ResolveConnection();
        var plan = BatchRows.Describe(model, options, connection) + (Continuous ? $", {StreamOptionsOf(model, options).Rate:0.####} times per second" : "");
        if (!ShouldProcess(plan, $"{plan}?", "Invoke-StreamingBatch"))
        {
            return;
        }

        if (!Continuous)
        {
            LoadOne(connection, model, options);
        }
        else if (AsJob || JobName is not null)
        {
            StartJob(connection.Copy(), model, StreamOptionsOf(model, options));
        }
        else
        {
            Stream(new StreamSession(connection, model, StreamOptionsOf(model, options), LogFile));
        }
    }

    private void LoadOne(DatabaseConnection connection, StreamModel model, BatchOptions options)
    {
        BatchCancelledException? cancelled = null;
        try
        {
            Run(async (output, stopping) =>
            {
                using var events = new EventWriter(output, LogFile);
                var progress = new ProgressReporter(output.Progress, "Loading");
                try
                {
                    output.Write(await BatchRunner.RunAsync(
                        connection, model, options, progress, events, stopping, stopping).ConfigureAwait(false));
                }
                catch (BatchCancelledException exception)
                {
                    cancelled = exception;
                    throw;
                }
                finally
                {
                    progress.Complete();
                }
            });
        }
        finally
        {
            if (cancelled is not null)
            {
                // A stopped pipeline takes nothing any more; the person who stopped it still wants to know.
                Host.UI.WriteWarningLine(cancelled.Message);
            }
        }
    }
}
