using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Schema;

namespace StreamingPg.Cli.Commands;

/// <summary>Brings existing tables to what metadata says.</summary>
internal static class UpdateSchemaCommand
{
    private static readonly Option<bool> Force = new("--force") { Description = "Also take steps that can lose data" };

    private static readonly Option<bool> WidenInteger = new("--widen-integer")
    {
        Description = "Widen integer columns, which rewrites and locks the whole table",
    };

    private static readonly Option<string[]> WidenKey = new("--widen-key")
    {
        Description = "Make the integer key of these tables bigint, with all columns that refer to it, while others write; nothing else is changed",
        HelpName = "table",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<TimeSpan> LockTimeout = DurationOption.Create(
        "--lock-timeout", "Maximum wait for a lock; after that, nothing is changed", SchemaUpdateOptions.DefaultLockTimeout);

    public static Command Create()
    {
        var command = new StreamingCommand(
            "update-schema",
            "Changes existing tables to match the metadata: safe steps in one transaction, then new indexes. "
            + "Steps that can lose data need --force.",
            "update-schema --metadata shop.json --what-if",
            "update-schema --metadata shop.json --widen-integer --lock-timeout 2s",
            "update-schema --widen-key detailed_transactions")
        {
            CommitsWork = true,
        };
        DatabaseOptions.AddTo(command, ConnectionPurpose.Update);
        command.AddOptions(SharedOptions.WhatIf, Force, WidenInteger, WidenKey, LockTimeout);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            var options = new SchemaUpdateOptions
            {
                Force = parsed.GetValue(Force),
                WidenIntegers = parsed.GetValue(WidenInteger),
                LockTimeout = parsed.GetValue(LockTimeout),
            };
            await using var connection = DatabaseOptions.Connect(parsed);
            var planOnly = parsed.GetValue(SharedOptions.WhatIf);
            using var progress = ProgressLine.ForTerminal();
            var keys = parsed.GetValue(WidenKey) ?? [];
            var steps = (keys.Length > 0, planOnly) switch
            {
                (true, true) => await KeyWidener.PlanAsync(connection, keys, options, cancellationToken).ConfigureAwait(false),
                (true, false) => await ApplyAsync(KeyWidener.ApplyAsync(connection, keys, options, progress, cancellationToken)).ConfigureAwait(false),
                (false, true) => await SchemaUpdater.PlanAsync(connection, model, options, cancellationToken).ConfigureAwait(false),
                _ => await ApplyAsync(SchemaUpdater.ApplyAsync(connection, model, options, cancellationToken)).ConfigureAwait(false),
            };
            output.Write(steps, new TextTable<SchemaUpdate>()
                .Text("state", step => step.State.ToString())
                .Text("kind", step => step.Kind)
                .Text("table", step => step.Table)
                .Text("name", step => step.Name)
                .Text("change", step => step.Change)
                .Number("rows", step => step.Rows is { } rows ? DisplayText.Count(rows) : "")
                .Text("detail", step => step.Detail));
            if (planOnly)
            {
                output.Say(string.Join(Environment.NewLine, steps.Where(step => step.Sql.Length > 0).Select(step => step.Sql)));
            }

            return steps.Any(step => step.State == SchemaUpdateState.Refused) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<SchemaUpdate>> ApplyAsync(IAsyncEnumerable<SchemaUpdate> steps)
    {
        var taken = new List<SchemaUpdate>();
        await foreach (var step in steps.ConfigureAwait(false))
        {
            taken.Add(step);
        }

        return taken;
    }
}
