using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Filling;

namespace StreamingPg.Cli.Commands;

/// <summary>Fills the tables of a live database without metadata.</summary>
internal static class FillCommand
{
    private static readonly Option<bool> AllSchemas = new("--all-schemas") { Description = "Fill all schemas that have tables" };

    private static readonly Option<long?> RowsPerTable = NumberOption.Create(
        "--rows-per-table", "New rows of each table [default: 10 if it refers to nothing, else 3 per row of a parent]", 0L);

    private static readonly Option<UnfillableAction> OnUnfillable = new("--on-unfillable")
    {
        Description = "If some tables cannot be filled: Skip fills the others, Stop does nothing and names them all",
    };

    private static readonly Option<TableErrorAction> OnTableError = new("--on-table-error")
    {
        Description = "If the server rejects all rows of a table: Continue fills the others, Stop fills no further table",
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "fill",
            "Fills the tables of an existing database without metadata: reads them, plans, fills them parents first, and reports each table with "
                + "the rows requested and made, and the reason where they differ. Each table is a transaction of its own.",
            "fill --schema public --rows-per-table 1000",
            "fill --schema sales,people --what-if",
            "fill --all-schemas --rows-per-table 100 --json")
        {
            CommitsWork = true,
        };
        command.AddOptions(AllSchemas, RowsPerTable, RowOptions.Seed, RowOptions.Locale, OnUnfillable, OnTableError, SharedOptions.WhatIf);
        DatabaseOptions.AddConnectionTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var options = new FillOptions
            {
                AllSchemas = parsed.GetValue(AllSchemas),
                RowsPerTable = parsed.GetValue(RowsPerTable),
                Seed = parsed.GetValue(RowOptions.Seed),
                Locale = parsed.GetValue(RowOptions.Locale)!,
                OnUnfillable = parsed.GetValue(OnUnfillable),
                OnTableError = parsed.GetValue(OnTableError),
                PlanOnly = parsed.GetValue(SharedOptions.WhatIf),
            };
            await using var connection = DatabaseOptions.Connect(parsed);
            var tables = new List<TableFillResult>();
            using (var progress = ProgressLine.ForTerminal())
            {
                await foreach (var table in FillRunner.RunAsync(connection, options, cancellationToken).ConfigureAwait(false))
                {
                    tables.Add(table);
                    progress?.Report($"{DisplayText.Count(tables.Count)} tables done, last \"{DisplayText.Plain(table.Table)}\"");
                }
            }

            output.Write(tables, new TextTable<TableFillResult>()
                .Text("schema", table => table.Schema)
                .Text("table", table => table.Table)
                .Text("status", table => table.Status.ToString())
                .Number("requested", table => DisplayText.Count(table.Requested))
                .Number("made", table => DisplayText.Count(table.Made))
                .Text("reason and fix", table => $"{table.Reason} {table.Fix}".Trim()));
            return tables.Exists(table => table.Status == FillStatus.Failed) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
