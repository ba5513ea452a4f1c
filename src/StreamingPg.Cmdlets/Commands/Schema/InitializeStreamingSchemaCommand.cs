using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Schema;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Creates schema, tables, keys, indexes and ledger where they are missing.</summary>
[Cmdlet(VerbsData.Initialize, "StreamingSchema", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType(typeof(SchemaChange))]
public sealed class InitializeStreamingSchemaCommand : ModelCmdlet
{
    /// <summary>Numbers rows by bigint identity columns where the metadata says SERIAL or INTEGER.</summary>
    [Parameter]
    public SwitchParameter LargeKeys { get; set; }

    /// <summary>Name of the publication that the tables and the ledger are to be in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? Publication { get; set; }

    /// <summary>Partitions new tables by the time of their rows.</summary>
    [Parameter]
    public PartitionInterval? PartitionBy { get; set; }

    /// <summary>Distributes new tables with Citus.</summary>
    [Parameter]
    public SwitchParameter Distributed { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Schema];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = LargeKeys ? KeyTypes.ToBigInt(ReadModel()) : ReadModel();
        var layout = new LayoutOptions { PartitionBy = PartitionBy, Distributed = Distributed };
        var connection = ResolveConnection();
        foreach (var note in SchemaInitializer.NotesOf(model))
        {
            WriteWarning(note);
        }

        var changes = Await(stopping => SchemaInitializer.InitializeAsync(connection, model, layout, Publication, planOnly: true, stopping));
        if (changes.Any(static change => change.Action == SchemaAction.WouldCreate) && ShouldCreate(connection, changes))
        {
            changes = Await(stopping => SchemaInitializer.InitializeAsync(connection, model, layout, Publication, planOnly: false, stopping));
        }

        foreach (var change in changes.Where(static change => change.Action == SchemaAction.Different))
        {
            WriteWarning($"{change.Kind} {change.Name} exists but does not match; it was left unchanged. {change.Detail}");
        }

        WriteObject(changes, enumerateCollection: true);
    }

    private bool ShouldCreate(StreamingConnection connection, IEnumerable<SchemaChange> changes)
    {
        var sql = string.Join(
            Environment.NewLine,
            changes.Where(static change => change.Action == SchemaAction.WouldCreate).Select(static change => change.Sql.Trim().TrimEnd(';') + ";"));
        return ShouldProcess(
            $"Run on {connection}:{Environment.NewLine}{sql}",
            $"Create what is missing on {connection}?{Environment.NewLine}{sql}",
            "Initialize-StreamingSchema");
    }
}
