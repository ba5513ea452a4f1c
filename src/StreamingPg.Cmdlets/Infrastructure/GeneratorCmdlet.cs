using System.Management.Automation;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command that makes records.</summary>
public abstract class GeneratorCmdlet : StreamingCmdlet
{
    /// <summary>Records to make.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long Count { get; set; } = 1;

    /// <summary>Seed of the random values.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Seed { get; set; }

    /// <summary>No generated time is after this one.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? ReferenceTime { get; set; }

    /// <summary>Locale of names, cities and products.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocaleCompleter))]
    public string Locale { get; set; } = GenerationOptions.DefaultLocale;

    /// <summary>What was requested, in the engine's words.</summary>
    private protected GenerationOptions Options => new()
    {
        Seed = Seed,
        ReferenceTime = ReferenceTime,
        Locale = Locale,
    };

    /// <summary>Emits records as they are made, until the user has enough.</summary>
    private protected void WriteEach<T>(IEnumerable<T> records)
    {
        foreach (var record in records)
        {
            StoppingToken.ThrowIfCancellationRequested();
            WriteObject(record);
        }
    }
}

/// <summary>A command that makes records for parents, which come from the pipeline or are picked in a database.</summary>
public abstract class ChildGeneratorCmdlet : GeneratorCmdlet
{
    /// <summary>Parameter set: parents are given.</summary>
    protected const string ByParent = "Parent";

    /// <summary>Parameter set: parents are picked in the database.</summary>
    protected const string ByExisting = "Existing";

    // Parents are held in memory while their children are made; more of them than this would not make the children any
    // more varied.
    private const int MostSampledParents = 100_000;

    /// <summary>Picks the parents in the database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByExisting)]
    public SwitchParameter Existing { get; set; }

    /// <summary>Database to pick the parents in.</summary>
    [Parameter(ParameterSetName = ByExisting)]
    [ValidateNotNull]
    [ConnectionName]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public StreamingConnection? Connection { get; set; }

    /// <summary>Emits the parents too, before their children.</summary>
    [Parameter(ParameterSetName = ByParent)]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Number of parents to pick for <see cref="GeneratorCmdlet.Count"/> children.</summary>
    private protected int SampleSize => (int)Math.Min(Count, MostSampledParents);

    /// <summary>The tables that the parents are of.</summary>
    private protected virtual StreamModel Tables => MetadataReader.Default;

    /// <inheritdoc/>
    private protected override Exception Complete(Exception exception) =>
        exception is StreamingException { ErrorId: ErrorIds.PermissionDenied } error && Existing
            ? Await(stopping => RightsAdvice.CompleteAsync(error, ResolveConnection(), Tables, [ConnectionPurpose.Generate], stopping))
            : exception;

    /// <summary>The database to pick parents in.</summary>
    private protected DatabaseConnection ResolveConnection()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        return (DatabaseConnection?)Connection ?? runspace.Current ?? runspace.Find(new ConnectionParameters(), CurrentDirectory);
    }
}
