using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cli.Commands;

/// <summary>Saves, restores, lists and removes snapshots of a database.</summary>
internal static class SnapshotCommand
{
    private const string Pattern = "The snapshot's name";

    private static readonly Option<bool> EndSession = new("--end-session") { Description = "End the sessions that are open on the database [default: fail and list them]" };

    public static Command Create() => new("snapshot", "Snapshots of a database: copies on the same server, to which it can be set back in a moment.")
    {
        CreateSave(),
        CreateRestore(),
        CreateList(),
        CreateRemove(),
    };

    private static StreamingCommand CreateSave()
    {
        var name = NameWithDefault();
        var force = new Option<bool>("--force") { Description = "Replace a snapshot of this name" };
        var command = New("save", "Saves the database as a snapshot.", "snapshot save --name filled --force");
        command.AddOptions(name, force, EndSession, SharedOptions.WhatIf);
        return Run(
            command,
            (parsed, database) => $"Save database \"{database}\" as snapshot \"{parsed.GetValue(name)}\"",
            (parsed, store, stop) => store.SaveAsync(parsed.GetValue(name)!, parsed.GetValue(force), parsed.GetValue(EndSession), stop));
    }

    private static StreamingCommand CreateRestore()
    {
        var name = NameWithDefault();
        var command = New("restore", "Sets the database back to a snapshot; what was changed since is lost.", "snapshot restore --name filled");
        command.AddOptions(name, EndSession, SharedOptions.WhatIf);
        return Run(
            command,
            (parsed, database) => $"Replace database \"{database}\" by snapshot \"{parsed.GetValue(name)}\"; what was changed since is lost",
            (parsed, store, stop) => store.RestoreAsync(parsed.GetValue(name)!, parsed.GetValue(EndSession), stop));
    }

    private static StreamingCommand CreateRemove()
    {
        var name = new Option<string>("--name") { Description = Pattern, HelpName = "name", Required = true };
        var command = New("remove", "Removes a snapshot.", "snapshot remove --name filled");
        command.AddOptions(name, SharedOptions.WhatIf);
        return Run(
            command,
            (parsed, database) => $"Remove snapshot \"{parsed.GetValue(name)}\" of database \"{database}\"",
            (parsed, store, stop) => store.RemoveAsync(parsed.GetValue(name)!, stop));
    }

    private static StreamingCommand CreateList()
    {
        var name = new Option<string?>("--name") { Description = "Only the snapshot of this name", HelpName = "name" };
        var command = New("list", "Lists the snapshots of the database.", "snapshot list");
        command.AddOptions(name);
        DatabaseOptions.AddConnectionTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            await using var connection = DatabaseOptions.Connect(parsed);
            await using var store = SnapshotStore.Of(connection);
            output.Write(await store.GetAsync(parsed.GetValue(name), cancellationToken).ConfigureAwait(false), Table());
            return ExitCode.Done;
        });
        return command;
    }

    private static StreamingCommand New(string name, string description, string example) => new(name, description, example) { CommitsWork = name != "list" };

    private static Option<string> NameWithDefault() => new("--name")
    {
        Description = Pattern,
        HelpName = "name",
        DefaultValueFactory = _ => SnapshotStore.DefaultName,
    };

    private static StreamingCommand Run(
        StreamingCommand command,
        Func<ParseResult, string, string> plan,
        Func<ParseResult, SnapshotStore, CancellationToken, Task<StreamingSnapshot>> work)
    {
        DatabaseOptions.AddConnectionTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            await using DatabaseConnection connection = DatabaseOptions.Connect(parsed);
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf(plan(parsed, connection.Database));
            }

            await using var store = SnapshotStore.Of(connection);
            output.Write([await work(parsed, store, cancellationToken).ConfigureAwait(false)], Table());
            return ExitCode.Done;
        });
        return command;
    }

    private static TextTable<StreamingSnapshot> Table() => new TextTable<StreamingSnapshot>()
        .Text("name", snapshot => snapshot.Name)
        .Text("database", snapshot => snapshot.Database)
        .Text("saved at", snapshot => DisplayText.Instant(snapshot.SavedAt))
        .Number("size", snapshot => DisplayText.Bytes(snapshot.Bytes))
        .Number("duration", snapshot => DisplayText.Duration(snapshot.Duration));
}
