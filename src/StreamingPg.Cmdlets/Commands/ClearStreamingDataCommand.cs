using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Clearing;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Empties the tables.</summary>
[Cmdlet(VerbsCommon.Clear, "StreamingData", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RemovalResult))]
public sealed class ClearStreamingDataCommand : ModelCmdlet
{
    /// <summary>Removes rows, too, that StreamingPg did not load.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Clear];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        var plan = Await(stopping => TableClearer.ClearAsync(connection, model, planOnly: true, Force, stopping));
        var text = $"Remove all rows of {string.Join(", ", plan.Select(table => $"{table.Table} ({DisplayText.Count(table.Removed)})"))} in {connection}";
        if (plan.Count == 0)
        {
            return;
        }

        if (ShouldProcess(text, $"{text}?", "Clear-StreamingData"))
        {
            WriteObject(Await(stopping => TableClearer.ClearAsync(connection, model, planOnly: false, Force, stopping)), enumerateCollection: true);
        }
    }
}
