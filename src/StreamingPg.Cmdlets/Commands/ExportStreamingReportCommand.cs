using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Files;
using StreamingPg.Core.Report;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Writes a report on the tables as one HTML file.</summary>
[Cmdlet(VerbsData.Export, "StreamingReport", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportStreamingReportCommand : AnalyticsCmdlet
{
    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public override string? Metadata { get; set; }

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Maximum users and products.</summary>
    [Parameter]
    [ValidateRange(1, ReportOptions.MaxTop)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int Top { get; set; } = ReportOptions.DefaultTop;

    /// <summary>Takes the planner's estimate of rows instead of counting.</summary>
    [Parameter]
    public SwitchParameter Estimate { get; set; }

    /// <summary>Leaves out the integrity checks, which read every row.</summary>
    [Parameter]
    public SwitchParameter SkipIntegrity { get; set; }

    /// <summary>Real tables to compare with: <c>schema.table</c>, or the schema of tables with the same names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? Against { get; set; }

    /// <summary>Rejects to replace a file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Opens the report with the program that shows web pages.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Report];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        var file = ResolvePath(Path);
        if (!ShouldProcess(file, $"Write a report on {connection}"))
        {
            return;
        }

        var options = new ReportOptions
        {
            Since = Options.Since,
            Until = Options.Until,
            StatementTimeout = Options.StatementTimeout,
            Top = Top,
            Estimate = Estimate,
            Integrity = !SkipIntegrity,
            Against = Against,
        };
        Run(async (output, stopping) =>
        {
            var progress = new StepReporter(output.Progress, $"Reading {connection}");
            await ReportExporter.ExportAsync(connection, model, options, file, !NoClobber, progress, stopping).ConfigureAwait(false);
            progress.Complete();
        });
        WriteFile(file);
        if (Open && WebBrowser.Open(file) is { } problem)
        {
            WriteWarning($"The report was written, but no program could open it: {problem}");
        }
    }
}
