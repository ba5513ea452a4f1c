using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Brings existing tables to what metadata says.</summary>
[Cmdlet(VerbsData.Update, "StreamingSchema", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SchemaUpdate))]
public sealed class UpdateStreamingSchemaCommand : ModelCmdlet
{
    /// <summary>Takes steps that lose data as well.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Widens integers.</summary>
    [Parameter]
    public SwitchParameter WidenInteger { get; set; }

    /// <summary>Tables whose integer key, and all that refers to it, becomes bigint while others write.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string[]? WidenKey { get; set; }

    /// <summary>Longest wait for a lock.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan LockTimeout { get; set; } = SchemaUpdateOptions.DefaultLockTimeout;

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Update];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var options = new SchemaUpdateOptions { Force = Force, WidenIntegers = WidenInteger, LockTimeout = LockTimeout };
        options.Check();
        var connection = ResolveConnection();
        var plan = Await(stopping => WidenKey is null
            ? SchemaUpdater.PlanAsync(connection, model, options, stopping)
            : KeyWidener.PlanAsync(connection, WidenKey, options, stopping));
        if (!plan.Any(static step => step.State == SchemaUpdateState.WouldApply) || !ShouldUpdate(connection, plan))
        {
            Warn(plan);
            WriteObject(plan, enumerateCollection: true);
            return;
        }

        Run(async (output, stopping) =>
        {
            var progress = new StepReporter(output.Progress, $"Changing {connection}");
            var steps = WidenKey is null
                ? SchemaUpdater.ApplyAsync(connection, model, options, stopping)
                : KeyWidener.ApplyAsync(connection, WidenKey, options, progress, stopping);
            await foreach (var step in steps.ConfigureAwait(false))
            {
                output.Write(step);
            }

            progress.Complete();
        });
        Warn(plan);
    }

    private void Warn(IReadOnlyList<SchemaUpdate> plan)
    {
        foreach (var step in plan.Where(static step => step.State == SchemaUpdateState.Refused))
        {
            WriteWarning($"Not done: {step}");
        }
    }

    private bool ShouldUpdate(StreamingConnection connection, IEnumerable<SchemaUpdate> plan)
    {
        var steps = plan.Where(static step => step.State == SchemaUpdateState.WouldApply).ToList();
        var sql = string.Join(Environment.NewLine, steps.Select(static step => step.Sql));
        var lost = string.Concat(steps.Where(static step => step.LosesData).Select(static step => $"{Environment.NewLine}Data can be lost: {step}"));
        return ShouldProcess(
            $"Run on {connection}:{Environment.NewLine}{sql}{lost}",
            $"Change the tables on {connection}?{Environment.NewLine}{sql}{lost}",
            "Update-StreamingSchema");
    }
}
