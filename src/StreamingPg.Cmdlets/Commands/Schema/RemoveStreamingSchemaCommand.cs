using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Clearing;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Drops what Initialize-StreamingSchema made.</summary>
[Cmdlet(VerbsCommon.Remove, "StreamingSchema", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SchemaChange))]
public sealed class RemoveStreamingSchemaCommand : ModelCmdlet
{
    /// <summary>Drops tables, too, of which nothing says that StreamingPg made them.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Clear];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        var plan = Await(stopping => SchemaRemover.RemoveAsync(connection, model, planOnly: true, Force, stopping));
        var removed = plan.Where(static change => change.Action == SchemaAction.WouldRemove).ToList();
        var text = $"Drop {string.Join(", ", removed.Select(static change => $"{change.Kind} {change.Name}{(change.Detail.Length == 0 ? "" : $" {change.Detail}")}"))} in {connection}";
        if (removed.Count == 0)
        {
            WriteObject(plan, enumerateCollection: true);
        }
        else if (ShouldProcess(text, $"{text}?", "Remove-StreamingSchema"))
        {
            WriteObject(Await(stopping => SchemaRemover.RemoveAsync(connection, model, planOnly: false, Force, stopping)), enumerateCollection: true);
        }
    }
}
