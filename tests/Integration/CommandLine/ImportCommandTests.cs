using System.Text.Json;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
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
            + "0190a000-0000-7000-8000-000000000001,\"a \"\"b\"\", c\r\nd\",\r\n\r\n0190a000-0000-7000-8000-000000000002,\"x\"\"y\",\"\"\n");

        (await StreamingPgProgram.On(shop.Database.Settings()).RunAsync("import", "--table", "users", "--path", file)).Expect(0);

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
            {"user_id": "0190a000-0000-7000-8000-000000000004", "age": "older"}
            """);

        var result = (await program.RunAsync(
            "import", "--table", "users", "--path", file, "--on-error", "Reject", "--reject-path", rejects, "--json")).Expect(0);

        var counts = Assert.Single(result.Json());
        Assert.Equal((7, 1, 6), (Figure(counts, "read"), Figure(counts, "rows"), Figure(counts, "rejected")));
        Assert.Contains("6 rows were rejected", result.Error, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(rejects);
        Assert.Equal([2, 3, 4, 5, 6, 7], lines.Select(line => Figure(JsonDocument.Parse(line).RootElement, "row")).Order());

        var mended = Write("mended.jsonl", string.Join('\n', lines.Where(line => line.Contains("\"old\"", StringComparison.Ordinal))).Replace("\"old\"", "40", StringComparison.Ordinal));
        (await program.RunAsync("import", "--path", mended, "--format", "Rejects")).Expect(0);
        Assert.Equal([[30], [40]], await shop.Database.QueryAsync("SELECT age FROM streaming.users ORDER BY age"));
    }

    [Fact]
    public async Task A_fault_ends_the_import_otherwise_and_nothing_stays()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var program = StreamingPgProgram.On(shop.Database.Settings());
        var rows = "user_id,age\n0190a000-0000-7000-8000-000000000001,30\n0190a000-0000-7000-8000-000000000002,30,40\n";

        var result = (await program.RunWithInputAsync(rows, "import", "--table", "users", "--format", "Csv")).Expect(2);

        Assert.Contains("Row 2: the header has 2 fields, but the record has 3", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, await shop.Database.CountAsync("users"));
        Assert.Contains("shoe_size", (await program.RunWithInputAsync("{\"shoe_size\": 1}", "import", "--table", "users")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("--table", (await program.RunAsync("import")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("none.csv", (await program.RunAsync("import", "--table", "users", "--path", "none.csv")).Expect(2).Error, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_rejected_row_of_every_type_comes_back_as_it_was_given()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var metadata = Write("metadata.json",
            """
            { "$types": { "mood": { "enum": ["sad", "o\"k, }"] }, "even": { "domain": "INTEGER", "check": "VALUE % 2 = 0" } },
              "t": { "checks": ["n > 0"], "columns": {
                "id": { "type": "BIGINT", "identity": "always", "primary_key": true }, "n": { "type": "INTEGER" },
                "small": { "type": "SMALLINT" }, "big": { "type": "BIGINT" }, "re": { "type": "REAL" }, "dp": { "type": "DOUBLE PRECISION" },
                "num": { "type": "NUMERIC(24,4)" }, "flag": { "type": "BOOLEAN" }, "ch": { "type": "CHAR(3)" }, "txt": { "type": "TEXT" },
                "uid": { "type": "UUID" }, "d": { "type": "DATE" }, "ti": { "type": "TIME" }, "ts": { "type": "TIMESTAMP" },
                "tz": { "type": "TIMESTAMPTZ" }, "iv": { "type": "INTERVAL" }, "by": { "type": "BYTEA" }, "js": { "type": "JSON" },
                "jb": { "type": "JSONB" }, "ip": { "type": "INET" }, "net": { "type": "CIDR" }, "mac": { "type": "MACADDR" },
                "mood": { "type": "mood" }, "ev": { "type": "even" }, "texts": { "type": "TEXT[]" }, "ints": { "type": "INTEGER[]" },
                "twice": { "type": "INTEGER", "generated": "n * 2" } } } }
            """);
        const string Row =
            """
            {"id": ID, "n": N, "small": -7, "big": 9007199254740993, "re": 0.1, "dp": 1e-300, "num": 12345678901234567890.1234, "flag": false,
            "ch": "ab", "txt": "a\tb\"\\", "uid": "0190a000-0000-7000-8000-000000000001", "d": "2024-02-29", "ti": "23:59:59.999999",
            "ts": "2024-02-29T01:02:03.456789", "tz": "2024-02-29T01:02:03.456789+05:00", "iv": "1 day 02:03:04.5", "by": "\\x00ff10",
            "js": {"a": [1, null]}, "jb": {"b": "x"}, "ip": "10.1.2.3/8", "net": "10.0.0.0/8", "mac": "08:00:2b:01:02:03",
            "mood": "o\"k, }", "ev": 4, "texts": ["a,b", null, "c\"d"], "ints": [1, null, 3]}
            """;
        string Line(string id, string n) =>
            Row.Replace("\n", " ", StringComparison.Ordinal).Replace("ID", id, StringComparison.Ordinal).Replace(": N,", $": {n},", StringComparison.Ordinal);

        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init", "--metadata", metadata)).Expect(0);
        var rejects = Path.Combine(_folder, "rejects.jsonl");
        var odd = Line("3", "1").Replace("\"ev\": 4", "\"ev\": 5", StringComparison.Ordinal);
        (await program.RunWithInputAsync(
            string.Join('\n', Line("1", "1"), Line("2", "-1"), odd), "import", "--metadata", metadata, "--table", "t", "--on-error", "Reject", "--reject-path", rejects)).Expect(0);

        var mended = (await File.ReadAllTextAsync(rejects)).Replace("\"n\":-1", "\"n\":1", StringComparison.Ordinal).Replace("\"ev\":5", "\"ev\":4", StringComparison.Ordinal);
        (await program.RunWithInputAsync(mended, "import", "--metadata", metadata, "--format", "Rejects", "--on-conflict", "Update")).Expect(0);
        (await program.RunWithInputAsync(Line("2", "1"), "import", "--metadata", metadata, "--table", "t", "--on-conflict", "Update")).Expect(0);

        Assert.Equal([[3L, 1L]], await database.QueryAsync("SELECT count(*), count(DISTINCT (to_jsonb(t) - 'id')::text) FROM streaming.t"));
        Assert.Equal("{\"a,b\",NULL,\"c\\\"d\"}", await database.ScalarAsync<string>("SELECT texts::text FROM streaming.t WHERE id = 2"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_ICU_it_starts_and_refuses_a_culture_by_name(bool byVariable)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has no culture data of its own.");
        var program = new StreamingPgProgram();
        if (byVariable)
        {
            program.With("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        }
        else
        {
            // The loader takes the first file of the name, and these are no libraries.
            foreach (var name in Enumerable.Range(60, 40).Select(version => $".{version}").Append("").SelectMany(version => new[] { "libicuuc.so" + version, "libicui18n.so" + version, "libicudata.so" + version }))
            {
                Write(name, "");
            }

            program.With("LD_LIBRARY_PATH", _folder);
        }

        var refused = (await program.RunAsync("import", "--table", "users", "--path", Write("users.csv", "user_id\n"), "--culture", "de-DE")).Expect(2);

        Assert.Contains("\"de-DE\" cannot be used: this process has no culture data. Install ICU", refused.Error, StringComparison.Ordinal);
        Assert.Contains("registration_date", (await program.RunAsync("generate", "--table", "users", "--users", "1", "--format", "csv")).Expect(0).Output, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static int Figure(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
