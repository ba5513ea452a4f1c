using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Server;

namespace StreamingPg.Cli.Commands;

/// <summary>Starts, stops and shows the private server.</summary>
internal static class ServerCommand
{
    public static Command Create() => new("server", "A private PostgreSQL server: no set-up, no password to invent.")
    {
        CreateAction(
            "start",
            "Makes the cluster when there is none, starts the server when it does not run, and waits until it answers.",
            (server, cancellationToken) => server.StartAsync(cancellationToken)),
        CreateAction(
            "stop",
            "Stops the server when it runs; its data stay.",
            (server, cancellationToken) => server.StopAsync(cancellationToken)),
        CreateAction(
            "status",
            "Shows whether the server runs, and where.",
            (server, _) => Task.FromResult(server.GetStatus())),
    };

    private static StreamingCommand CreateAction(
        string name, string description, Func<PrivateServer, CancellationToken, Task<StreamingServer>> action)
    {
        var command = new StreamingCommand(name, description, $"server {name}", $"server {name} --path /srv/streaming");
        var path = new Option<string?>("--path")
        {
            Description = "Folder of the cluster [default: the user's data folder]",
            HelpName = "folder",
        };
        command.Options.Add(path);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var server = await action(new PrivateServer(parsed.GetValue(path)), cancellationToken).ConfigureAwait(false);
            output.Write(
                server,
                ("state", server.State.ToString()),
                ("path", server.Path),
                ("version", server.Version),
                ("address", server.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{server.HostName}:{port}") : null),
                ("socket", server.SocketDirectory),
                ("process", server.ProcessId?.ToString(CultureInfo.InvariantCulture)),
                ("database", server.Database),
                ("role", server.UserName),
                ("log", server.LogFile));
            return ExitCode.Done;
        });
        return command;
    }
}
