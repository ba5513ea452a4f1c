using System.Diagnostics;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
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
        };
        Run(async (output, stopping) =>
        {
            var progress = new StepReporter(output.Progress, $"Reading {connection}");
            await ReportExporter.ExportAsync(connection, model, options, file, !NoClobber, progress, stopping).ConfigureAwait(false);
            progress.Complete();
            output.Write(new FileInfo(file));
        });
        if (Open)
        {
            Show(file);
        }
    }

    private void Show(string file)
    {
        try
        {
            using var program = Process.Start(new ProcessStartInfo(file) { UseShellExecute = true });
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or PlatformNotSupportedException)
        {
            WriteWarning($"The report was written, but no program could open it: {exception.Message}");
        }
    }
}
