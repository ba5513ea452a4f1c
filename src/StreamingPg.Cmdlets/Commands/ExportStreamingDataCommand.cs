using System.Collections;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Export;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Writes the rows of all tables to files: generated ones without a database, or those of a database.</summary>
[Cmdlet(VerbsData.Export, "StreamingData", DefaultParameterSetName = ByGeneration, SupportsShouldProcess = true)]
[OutputType(typeof(ExportedFile))]
public sealed partial class ExportStreamingDataCommand : ModelCmdlet
{
    private const string ByGeneration = "Generate";
    private const string ByDatabase = "FromDatabase";

    /// <inheritdoc/>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [MetadataDocument]
    public override string? Metadata { get; set; }

    /// <summary>The folder.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Format of the files.</summary>
    [Parameter]
    public ExportFormat Format { get; set; }

    /// <summary>Compression of the files.</summary>
    [Parameter]
    public ExportCompression Compression { get; set; }

    /// <summary>Maximum rows of a file.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? RowsPerFile { get; set; }

    /// <summary>Replaces the files of an earlier export.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Rows per table.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(RowsCompleter))]
    public IDictionary? Rows { get; set; }

    /// <summary>Users.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Users { get; set; }

    /// <summary>Transactions.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Transactions { get; set; }

    /// <summary>Line items.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Details { get; set; }

    /// <summary>Seed of the random values.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Seed { get; set; }

    /// <summary>No generated time is after this one.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? ReferenceTime { get; set; }

    /// <summary>Locale of names, cities and products.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocaleCompleter))]
    public string Locale { get; set; } = GenerationOptions.DefaultLocale;

    /// <summary>Maximum rows of a transaction of the batch whose rows these are.</summary>
    [Parameter(ParameterSetName = ByGeneration)]
    [ValidateRange(1, int.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int ChunkSize { get; set; } = BatchOptions.DefaultChunkSize;

    /// <summary>Exports the rows of a database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByDatabase)]
    public SwitchParameter FromDatabase { get; set; }

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter(ParameterSetName = ByDatabase)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = ExportOptions.DefaultStatementTimeout;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Analysis];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        if (!FromDatabase)
        {
            ValuePools.Prepare(Locale);
        }

        var model = ReadModel();
        var options = new ExportOptions
        {
            Folder = ResolvePath(Path),
            Format = Format,
            Compression = Compression,
            RowsPerFile = RowsPerFile,
            Overwrite = Force,
        };
        var connection = FromDatabase ? ResolveConnection() : null;
        if (!ShouldProcess(options.Folder, connection is null ? "Write generated rows to files" : $"Write the rows of {connection} to files"))
        {
            return;
        }

        Run(async (output, stopping) =>
        {
            var progress = new ProgressReporter(output.Progress, $"Writing to {options.Folder}");
            var files = connection is null
                ? DataExporter.GenerateAsync(model, Batch(model), options, Schema ?? SettingsResolver.DefaultSchema, progress, stopping)
                : DataExporter.ReadAsync(connection, model, StatementTimeout, options, progress, stopping);
            await foreach (var file in files.ConfigureAwait(false))
            {
                output.Write(file);
            }

            progress.Complete();
        });
    }

    private BatchOptions Batch(StreamModel model) => new()
    {
        Rows = BatchRows.Asked(
            model,
            Rows is null ? null : RowCounts.Of(Rows),
            (DefaultTables.Users, "-Users", Users),
            (DefaultTables.Transactions, "-Transactions", Transactions),
            (DefaultTables.Details, "-Details", Details)),
        RowsOfMetadata = true,
        Seed = Seed,
        ReferenceTime = ReferenceTime,
        Locale = Locale,
        ChunkSize = MyInvocation.BoundParameters.ContainsKey(nameof(ChunkSize)) ? ChunkSize : null,
    };
}
