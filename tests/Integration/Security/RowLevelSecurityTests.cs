using System.Text.Json;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Security;

/// <summary>Roles that row-level security shows only some rows, or lets add only some.</summary>
[Collection(SecondPostgres.Name)]
public sealed class RowLevelSecurityTests(PostgresFixture postgres)
{
    private static readonly string[] Grants =
    [
        "GRANT USAGE ON SCHEMA streaming TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA streaming TO {role}",
        "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA streaming TO {role}",
    ];

    [Fact]
    public async Task Large_batches_and_imports_insert_where_COPY_is_refused()
    {
        await using var database = await CreateAsync();
        var plain = await ConnectAsync(
            database,
            "ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE streaming.transactions ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE streaming.detailed_transactions ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY everything ON streaming.users TO {role} USING (true)",
            "CREATE POLICY everything ON streaming.transactions TO {role} USING (true)",
            "CREATE POLICY everything ON streaming.detailed_transactions TO {role} USING (true)");
        var program = StreamingPgProgram.On(plain.CopySettings());
        (await program.RunAsync("batch", "--users", "1000", "--transactions", "3000", "--details", "10000", "--chunk-size", "5000")).Expect(0);
        using var folder = new TemporaryFolder();
        (await program.RunAsync("import", "--table", "users", "--path", await WriteUserAsync(folder, "Lima"))).Expect(0);
        Assert.Equal(1001, await database.CountAsync("users"));
        Assert.Equal(10_000, await database.CountAsync("detailed_transactions"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_row_that_no_policy_allows_is_refused_by_that_name()
    {
        await using var database = await CreateAsync();
        var plain = await ConnectAsync(
            database,
            "ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY lima ON streaming.users TO {role} USING (true) WITH CHECK (city = 'Lima')");
        var program = StreamingPgProgram.On(plain.CopySettings());
        using var folder = new TemporaryFolder();
        var refused = (await program.RunAsync("import", "--table", "users", "--path", await WriteUserAsync(folder, "Rome"))).Expect(1);
        Assert.Contains("row-level security", refused.Error, StringComparison.Ordinal);
        Assert.Contains("policy", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("GRANT", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, await database.CountAsync("users"));
    }

    [Fact]
    public async Task Integrity_does_not_call_keys_broken_whose_parents_are_hidden()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        var plain = await ConnectAsync(
            database,
            "ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY nothing_visible ON streaming.users TO {role} USING (false)");
        var program = StreamingPgProgram.On(plain.CopySettings());
        var checks = (await program.RunAsync("check", "--json")).Expect(0);
        Assert.Equal("VisibleRowsOnly", StatusOf(checks, "ForeignKey transactions.user_id -> users.user_id"));
        Assert.Equal("VisibleRowsOnly", StatusOf(checks, "KeyValue users.user_id"));
        Assert.Equal("Passed", StatusOf(checks, "KeyValue detailed_transactions.id"));
        Assert.Contains("only some rows of users", (await program.RunAsync("check")).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Integrity_calls_visible_orphans_broken()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        await database.ExecuteAsync(
            "BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM streaming.users; COMMIT");
        var plain = await ConnectAsync(
            database,
            "ALTER TABLE streaming.transactions ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY everything ON streaming.transactions TO {role} USING (true)");
        var checks = (await StreamingPgProgram.On(plain.CopySettings()).RunAsync("check", "--json")).Expect(3);
        Assert.Equal("Broken", StatusOf(checks, "ForeignKey transactions.user_id -> users.user_id"));
    }

    /// <summary>The owner of a table too, when row-level security is forced.</summary>
    [Fact]
    public async Task Growth_says_that_it_counts_visible_rows()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        var plain = await ConnectAsync(
            database,
            "ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE streaming.transactions ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE streaming.users OWNER TO {role}",
            "ALTER TABLE streaming.transactions OWNER TO {role}",
            "ALTER TABLE streaming.users FORCE ROW LEVEL SECURITY");
        var program = StreamingPgProgram.On(plain.CopySettings());
        var growth = (await program.RunAsync("growth", "--json")).Expect(0);
        Assert.Equal(
            [("users", 0L, true), ("transactions", 30L, false), ("detailed_transactions", 100L, false)],
            growth.Json().Select(table =>
                (table.GetProperty("table").GetString()!, table.GetProperty("rows").GetInt64(), table.GetProperty("is_partly_visible").GetBoolean())));
        var text = (await program.RunAsync("growth")).Expect(0);
        Assert.Contains("0 visible", text.Output, StringComparison.Ordinal);
        Assert.Contains("only some rows of users", text.Error + text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_needs_all_rows_is_refused_where_some_are_hidden()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        await database.ExecuteAsync("INSERT INTO streaming.users (user_id, name) VALUES (gen_random_uuid(), 'theirs')");
        var users = await database.CountAsync("users");
        var plain = await ConnectAsync(
            database,
            "GRANT TRUNCATE ON ALL TABLES IN SCHEMA streaming TO {role}",
            "ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY loaded ON streaming.users TO {role} USING (name <> 'theirs')");
        var program = StreamingPgProgram.On(plain.CopySettings());
        using var folder = new TemporaryFolder();
        foreach (string[] command in new string[][] { ["clear"], ["remove-schema"], ["export", "--from-database", "--path", folder.Path] })
        {
            var refused = (await program.RunAsync(command)).Expect(1);
            Assert.Contains("only some rows of \"users\". Nothing was", refused.Error, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFiles(folder.Path));
        Assert.Equal(users, await database.CountAsync("users"));
    }

    [Fact]
    public async Task The_test_says_what_it_means_for_the_role()
    {
        await using var database = await CreateAsync();
        var plain = await ConnectAsync(
            database,
            "ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE streaming.transactions ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE streaming.transactions OWNER TO {role}",
            "CREATE POLICY mine ON streaming.users TO {role} USING (city = 'Lima')",
            "CREATE POLICY nobodys ON streaming.transactions FOR SELECT TO pg_monitor USING (true)");
        var program = StreamingPgProgram.On(plain.CopySettings());

        // Owners are free of it.
        var test = (await program.RunAsync("test", "--json")).Expect(0).Json().Single();
        var sentence = Assert.Single(Sentences(test, "row_security"));
        Assert.Contains("\"streaming\".\"users\": the role sees only rows that policies allow", sentence, StringComparison.Ordinal);

        // Unless it is forced; a policy for others lets the role neither read nor add.
        await database.ExecuteAsync("ALTER TABLE streaming.transactions FORCE ROW LEVEL SECURITY");
        test = (await program.RunAsync("test", "--json")).Expect(1).Json().Single();
        Assert.Contains(Sentences(test, "row_security"), text => text.Contains("which it owns (FORCE): no policy lets the role see rows", StringComparison.Ordinal));
        Assert.Contains("CREATE POLICY", Assert.Single(Sentences(test, "missing")), StringComparison.Ordinal);
        Assert.Contains("Row-level security applies to this role", (await program.RunAsync("test")).Output, StringComparison.Ordinal);

        await database.ExecuteAsync($"ALTER ROLE \"{plain.UserName}\" BYPASSRLS");
        test = (await program.RunAsync("test", "--json")).Expect(0).Json().Single();
        Assert.Empty(Sentences(test, "row_security"));
    }

    private static async Task<string> WriteUserAsync(TemporaryFolder folder, string city)
    {
        var file = Path.Combine(folder.Path, "users.csv");
        await File.WriteAllTextAsync(file, $"user_id,name,city\n0190a000-0000-7000-8000-000000000001,Ann,{city}\n");
        return file;
    }

    private static string StatusOf(CommandLineResult checks, string check) =>
        checks.Json().Single(result => result.GetProperty("check").GetString() == check).GetProperty("status").GetString()!;

    private static IEnumerable<string> Sentences(JsonElement test, string property) =>
        test.GetProperty(property).EnumerateArray().Select(sentence => sentence.GetString()!);

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }

    private static Task<DatabaseConnection> ConnectAsync(TestDatabase database, params string[] statements) =>
        database.ConnectAsPlainRoleAsync([.. Grants, .. statements]);
}
