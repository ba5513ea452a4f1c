using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary>The tools for agents, asked by the protocol's own client over standard input and output.</summary>
[Collection(SecondPostgres.Name)]
public sealed class McpTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Agent_introspects_plans_generates_and_checks()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var client = await ConnectAsync(shop.Database.Settings());

        var tools = await client.ListToolsAsync();
        Assert.Equal(["check", "generate", "introspect", "plan"], tools.Select(tool => tool.Name).Order());
        Assert.All(tools, tool => Assert.Equal(tool.Name != "generate", tool.ProtocolTool.Annotations!.ReadOnlyHint));

        var tables = await CallAsync(client, "introspect");
        Assert.NotNull(tables["metadata"]!["detailed_transactions"]);
        Assert.Contains("users", (string)(await CallAsync(client, "plan", ("rows", new { users = 7 })))["plan"]!, StringComparison.Ordinal);

        var rows = ("rows", (object)new { users = 7, transactions = 8, detailed_transactions = 9 });
        Assert.Contains("users 7", (string)(await CallAsync(client, "generate", rows))["what_if"]!, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0, 0), await shop.CountAsync());

        // People who register at noon only, by the rhythm of the metadata.
        tables["metadata"]!["$rhythm"] = new JsonObject { ["hours"] = new JsonArray([.. Enumerable.Range(0, 24).Select(hour => JsonValue.Create(hour == 12 ? 1 : 0))]) };
        var batch = await CallAsync(client, "generate", rows, ("dryRun", false), ("metadata", tables["metadata"]!.ToJsonString()));
        Assert.Equal(24, (long)batch["total_rows"]!);
        Assert.Equal((7, 8, 9, 1), await shop.CountAsync());
        Assert.Equal(0, await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.users WHERE extract(hour FROM registration_date) <> 12"));

        var check = await CallAsync(client, "check");
        Assert.Equal("Passed", (string)check["verdict"]!);
        await shop.Database.ExecuteAsync("UPDATE streaming.detailed_transactions SET quantity = -1");
        Assert.NotEmpty((await CallAsync(client, "check"))["findings"]!.AsArray());

        var refused = await client.CallToolAsync("generate", new Dictionary<string, object?> { ["rows"] = new { userz = 1 } });
        Assert.True(refused.IsError);
        Assert.Contains("userz", Text(refused), StringComparison.Ordinal);
    }

    private static Task<McpClient> ConnectAsync(Npgsql.NpgsqlConnectionStringBuilder settings) => McpClient.CreateAsync(new StdioClientTransport(new StdioClientTransportOptions
    {
        Command = "dotnet",
        Arguments =
        [
            StreamingPgProgram.Assembly, "mcp",
            "--host", settings.Host!, "--port", $"{settings.Port}", "--database", settings.Database!, "--username", settings.Username!,
        ],
        EnvironmentVariables = new Dictionary<string, string?> { ["PGPASSWORD"] = settings.Password },
    }));

    private static async Task<JsonNode> CallAsync(McpClient client, string tool, params (string Name, object Value)[] arguments)
    {
        var result = await client.CallToolAsync(tool, arguments.ToDictionary(argument => argument.Name, argument => (object?)argument.Value));
        Assert.True(result.IsError is not true, Text(result));
        return JsonNode.Parse(Text(result))!;
    }

    private static string Text(CallToolResult result) => string.Concat(result.Content.OfType<TextContentBlock>().Select(block => block.Text));
}
