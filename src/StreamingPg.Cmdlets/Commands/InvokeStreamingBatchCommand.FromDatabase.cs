using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Filling;

namespace StreamingPg.Cmdlets.Commands;

/// <content>Fills an existing database without metadata.</content>
public sealed partial class InvokeStreamingBatchCommand
{
    private const string ByDatabase = "FromDatabase";

    /// <summary>Fills the tables that the database has, without metadata.</summary>
    [Parameter(ParameterSetName = ByDatabase, Mandatory = true)]
    public SwitchParameter FromDatabase { get; set; }

    /// <summary>Fills all schemas that have tables.</summary>
    [Parameter(ParameterSetName = ByDatabase)]
    public SwitchParameter AllSchemas { get; set; }

    /// <summary>New rows of each table.</summary>
    [Parameter(ParameterSetName = ByDatabase)]
    [ValidateRange(0L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? RowsPerTable { get; set; }

    /// <summary>What happens when some tables cannot be filled.</summary>
    [Parameter(ParameterSetName = ByDatabase)]
    public UnfillableAction OnUnfillable { get; set; }

    /// <summary>What happens when the server rejects the rows of a table.</summary>
    [Parameter(ParameterSetName = ByDatabase)]
    public TableErrorAction OnTableError { get; set; }

    /// <summary>With -WhatIf the plan is the output: each table with its rows, or the reason why it is left out.</summary>
    private void Fill(DatabaseConnection connection)
    {
        var what = $"Fill {(AllSchemas ? "all schemas" : $"schema {connection.Schema}")} of {connection}";
        var isWanted = ShouldProcess(what, $"{what}?", "Invoke-StreamingBatch");
        if (!isWanted && !(MyInvocation.BoundParameters.TryGetValue("WhatIf", out var whatIf) && (SwitchParameter)whatIf))
        {
            return;
        }

        var options = new FillOptions
        {
            AllSchemas = AllSchemas,
            RowsPerTable = RowsPerTable,
            Seed = Seed,
            Locale = Locale,
            OnUnfillable = OnUnfillable,
            OnTableError = OnTableError,
            PlanOnly = !isWanted,
        };
        Run(async (output, stopping) =>
        {
            await foreach (var table in FillRunner.RunAsync(connection, options, stopping).ConfigureAwait(false))
            {
                output.Write(table);
            }
        });
    }
}
