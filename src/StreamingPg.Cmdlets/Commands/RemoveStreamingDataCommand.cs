using System.Globalization;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Removes old rows, children before their parents.</summary>
[Cmdlet(VerbsCommon.Remove, "StreamingData", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RemovalResult))]
public sealed class RemoveStreamingDataCommand : ModelCmdlet
{
    // By the metadata that the tables are of.
    private readonly Dictionary<string, List<string>> _tables = new(StringComparer.Ordinal);
    private readonly HashSet<string> _all = new(StringComparer.Ordinal);

    /// <summary>Rows whose own time is longer ago than this are removed.</summary>
    [Parameter(Position = 0)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>Rows whose own time is before this one are removed.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? Before { get; set; }

    /// <summary>Tables to remove rows from; without it all of them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[]? Table { get; set; }

    /// <summary>Maximum rows of one transaction.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int ChunkSize { get; set; } = RetentionOptions.DefaultChunkSize;

    /// <summary>Maximum rows removed per second.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double? MaxRowsPerSecond { get; set; }

    /// <summary>Maximum retries after a transient error.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int MaxRetry { get; set; } = BatchOptions.DefaultMaxRetry;

    /// <summary>Stop retrying this long after the first failure.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan RetryTimeout { get; set; } = BatchOptions.DefaultRetryTimeout;

    /// <summary>File that gets a JSON line per event.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Allows a retention of less than a minute.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private RetentionOptions OptionsFor(IEnumerable<string> tables) => new()
    {
        Tables = [.. tables],
        Force = Force,
        OlderThan = OlderThan,
        Before = Before,
        ChunkSize = ChunkSize,
        MaxRowsPerSecond = MaxRowsPerSecond,
        MaxRetry = MaxRetry,
        RetryTimeout = RetryTimeout,
    };

    private bool OnlyCounts =>
        MyInvocation.BoundParameters.TryGetValue("WhatIf", out var whatIf)
            ? LanguagePrimitives.IsTrue(whatIf)
            : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private bool Asks =>
        MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm)
            ? LanguagePrimitives.IsTrue(confirm)
            : GetVariableValue("ConfirmPreference") is not ConfirmImpact.None;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Retention];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        // All tables that are piped are removed from in one go: children come before parents, whatever their order here.
        if (!_tables.TryGetValue(Metadata ?? "", out var tables))
        {
            _tables.Add(Metadata ?? "", tables = []);
        }

        tables.AddRange(Table ?? []);
        _all.UnionWith(Table is null ? [Metadata ?? ""] : []);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        foreach (var (metadata, tables) in _tables)
        {
            Metadata = metadata.Length == 0 ? null : metadata;
            Remove(OptionsFor(_all.Contains(metadata) ? [] : tables));
        }
    }

    private void Remove(RetentionOptions options)
    {
        var model = ReadModel();
        var connection = ResolveConnection();

        // Whoever looks or is asked first wants to know how many; whoever confirmed beforehand need not wait for that.
        var counted = OnlyCounts || Asks
            ? Await(stopping => RetentionRunner.CountAsync(connection, model, options, stopping))
            : [];
        var plan = Describe(counted, connection);
        if (ShouldProcess(plan, $"{plan}?", "Remove-StreamingData"))
        {
            Remove(connection, model, options);
        }
        else if (OnlyCounts)
        {
            WriteObject(counted, enumerateCollection: true);
        }
    }

    private void Remove(DatabaseConnection connection, StreamModel model, RetentionOptions options) => Run(async (output, stopping) =>
    {
        using var events = new EventWriter(output, LogPath is null ? null : ResolvePath(LogPath));
        var progress = new ProgressReporter(output.Progress, "Removing old rows");
        await foreach (var result in RetentionRunner.RunAsync(connection, model, options, progress, events, stopping).ConfigureAwait(false))
        {
            output.Write(result);
        }

        progress.Complete();
    });

    private static string Describe(IReadOnlyList<RemovalResult> counted, StreamingConnection connection)
    {
        var tables = counted.Where(static table => table.Before is not null).Select(static table => string.Create(
            CultureInfo.InvariantCulture,
            $"{DisplayText.Count(table.Removed)} of {DisplayText.Count(table.Examined)} rows of {table.Table} from before {DisplayText.Instant(table.Before)}"));
        return counted.Count == 0
            ? $"Remove old rows of {connection}"
            : $"Remove {string.Join(", ", tables)} from {connection} (the others stay, because newer rows refer to them)";
    }
}
