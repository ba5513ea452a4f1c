using System.Text.Json;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SharedPostgres.Name)]
public sealed class ImportCommandTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-import-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task What_generate_writes_import_reads(string format)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var program = StreamingPgProgram.On(shop.Database.Settings());
        foreach (var table in new[] { "users", "transactions", "detailed_transactions" })
        {
            var rows = (await new StreamingPgProgram().RunAsync(
                "generate", "--table", table, "--users", "5", "--transactions", "9", "--details", "20", "--seed", "7", "--format", format)).Expect(0).Output;
            (await program.RunWithInputAsync(rows, "import", "--table", table, "--format", format)).Expect(0);
        }

        Assert.Equal((5L, 9L, 20L, 3L), await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task CSV_tells_no_value_from_empty_text_and_takes_quotes_commas_and_lines()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var file = Write("users.csv", "\uFEFFUserId,name,City\r\n"
            + "0190a000-0000-7000-8000-000000000001,\"a \"\"b\"\", c\r\nd\",\r\n\r\n0190a000-0000-7000-8000-000000000002,x\"y,\"\"\n");

        (await StreamingPgProgram.On(shop.Database.Settings()).RunAsync("import", "--table", "users", "--file", file)).Expect(0);

        Assert.Equal(
            [["a \"b\", c\r\nd", null], ["x\"y", ""]],
            await shop.Database.QueryAsync("SELECT name, city FROM streaming.users ORDER BY user_id"));
    }

    [Fact]
    public async Task Rejects_of_every_kind_are_written_and_can_be_mended_and_imported()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var program = StreamingPgProgram.On(shop.Database.Settings());
        var rejects = Path.Combine(_folder, "rejects.jsonl");
        var file = Write("users.jsonl",
            """
            {"user_id": "0190a000-0000-7000-8000-000000000001", "age": 30}
            {"user_id": "0190a000-0000-7000-8000-000000000001", "age": 31}
            {"user_id": "0190a000-0000-7000-8000-000000000002", "age": "old"}
            {"user_id": "0190a000-0000-7000-8000-000000000003", "name": "\ud800"}
            [1]
            {"user_id":
            """);

        var result = (await program.RunAsync(
            "import", "--table", "users", "--file", file, "--on-error", "Reject", "--reject-path", rejects, "--json")).Expect(0);

        var counts = Assert.Single(result.Json());
        Assert.Equal((6, 1, 5), (Figure(counts, "read"), Figure(counts, "rows"), Figure(counts, "rejected")));
        Assert.Contains("5 rows were rejected", result.Error, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(rejects);
        Assert.Equal([2, 3, 4, 5, 6], lines.Select(line => Figure(JsonDocument.Parse(line).RootElement, "row")).Order());

        var mended = Write("mended.jsonl", string.Join('\n', lines.Where(line => line.Contains("\"old\"", StringComparison.Ordinal))).Replace("\"old\"", "40", StringComparison.Ordinal));
        (await program.RunAsync("import", "--file", mended, "--format", "Rejects")).Expect(0);
        Assert.Equal([[30], [40]], await shop.Database.QueryAsync("SELECT age FROM streaming.users ORDER BY age"));
    }

    [Fact]
    public async Task A_fault_ends_the_import_otherwise_and_nothing_stays()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var program = StreamingPgProgram.On(shop.Database.Settings());
        var rows = "user_id,age\n0190a000-0000-7000-8000-000000000001,30\n0190a000-0000-7000-8000-000000000002,30,40\n";

        var result = (await program.RunWithInputAsync(rows, "import", "--table", "users", "--format", "Csv")).Expect(2);

        Assert.Contains("Row 2: the header has 2 fields, and the record has 3", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, await shop.Database.CountAsync("users"));
        Assert.Contains("shoe_size", (await program.RunWithInputAsync("{\"shoe_size\": 1}", "import", "--table", "users")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("--table", (await program.RunAsync("import")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("none.csv", (await program.RunAsync("import", "--table", "users", "--file", "none.csv")).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_are_there_are_skipped_or_updated()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var program = StreamingPgProgram.On(shop.Database.Settings());
        const string Rows = "{\"user_id\": \"0190a000-0000-7000-8000-000000000001\", \"city\": \"Rome\"}";
        (await program.RunWithInputAsync(Rows, "import", "--table", "users")).Expect(0);

        var skipped = (await program.RunWithInputAsync(Rows, "import", "--table", "users", "--on-conflict", "Skip", "--json")).Expect(0).Json();
        var updated = (await program.RunWithInputAsync(Rows, "import", "--table", "users", "--on-conflict", "Update", "--json")).Expect(0).Json();

        Assert.Equal((1, 0), (Figure(skipped[0], "skipped"), Figure(skipped[0], "rows")));
        Assert.Equal((1, 1), (Figure(updated[0], "updated"), Figure(updated[0], "rows")));
        (await program.RunWithInputAsync(Rows, "import", "--table", "users")).Expect(1);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static int Figure(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
