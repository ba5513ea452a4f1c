using System.CommandLine;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using StreamingPg.Cli.Infrastructure;

namespace StreamingPg.Cli.Commands;

/// <summary>Lets agents work with a database, by the Model Context Protocol on standard input and output.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "mcp",
            "Serves the Model Context Protocol on standard input and output, so that agents can use StreamingPg: the tools introspect, plan, generate "
                + "and check. generate only says what it would do, unless it is called with dryRun false. Started by the agent's program.",
            "mcp --database shop",
            "mcp --metadata examples/shop.json");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Batch, ConnectionPurpose.Check);
        command.Run(async (parsed, _, cancellationToken) =>
        {
            // Standard output is the protocol's alone.
            Console.SetOut(Console.Error);
            var tools = new McpTools(parsed);
            var options = new McpServerOptions
            {
                ServerInfo = new Implementation { Name = "streamingpg", Version = typeof(McpCommand).Assembly.GetName().Version!.ToString(3) },
                ServerInstructions = "StreamingPg generates related fake data and loads it into PostgreSQL. Describe existing tables with introspect, "
                    + "see with plan what a batch would do, load it with generate, and verify the database with check.",
                ToolCollection = [.. tools.All()],
            };
            await using var transport = new StdioServerTransport(options);
            await using var server = McpServer.Create(transport, options);
            await server.RunAsync(cancellationToken).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }
}
