using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class CheckCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task An_orphan_ends_with_exit_code_3_and_is_named()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        var orphan = Guid.NewGuid();
        await database.ExecuteAsync("ALTER TABLE streaming.transactions DROP CONSTRAINT transactions_user_id_fkey");
        await database.ExecuteAsync(
            "INSERT INTO streaming.transactions (transaction_id, user_id, amount) VALUES ($1, $2, 0)", orphan, Guid.NewGuid());

        var shown = (await program.RunAsync("check")).Expect(3);
        Assert.Contains("BROKEN", shown.Output, StringComparison.Ordinal);
        Assert.Contains($"{orphan}", shown.Output, StringComparison.Ordinal);

        var broken = Assert.Single((await program.RunAsync("check", "--json")).Expect(3).Json(), check =>
            !check.GetProperty("passed").GetBoolean() && check.GetProperty("severity").GetString() == "Error");
        Assert.Equal("transactions", broken.GetProperty("table").GetString());
        Assert.Equal(1, broken.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task A_broken_business_rule_is_a_warning()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        (await program.RunAsync("batch")).Expect(0);
        Assert.Matches(@"^\d+ checks in .+: \d+ passed \(.+\)\.\s*$", (await program.RunAsync("check")).Expect(0).Output);
        Assert.Contains("PrimaryKey users.user_id", (await program.RunAsync("check", "--detailed")).Expect(0).Output, StringComparison.Ordinal);
        await database.ExecuteAsync("UPDATE streaming.detailed_transactions SET quantity = -1 WHERE id = 1");

        var shown = (await program.RunAsync("check")).Expect(0);
        Assert.Contains("warning", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_of_all_checks_is_not_the_sum_of_those_that_run_side_by_side()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var owner = StreamingPgProgram.On(database.Settings());
        (await owner.RunAsync("init")).Expect(0);
        (await owner.RunAsync("batch")).Expect(0);
        string[] tables = ["users", "transactions", "detailed_transactions"];
        using var reader = await database.ConnectAsPlainRoleAsync(
        [
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA streaming TO {role}",
            .. tables.Select(table => $"ALTER TABLE streaming.{table} ENABLE ROW LEVEL SECURITY"),
            .. tables.Select(table => $"CREATE POLICY slow ON streaming.{table} USING (pg_sleep(0.02) IS NOT NULL)"),
        ]);
        var begin = Stopwatch.GetTimestamp();
        var output = (await StreamingPgProgram.On(reader.CopySettings()).RunAsync("check", "--parallel", "4")).Expect(0).Output;
        var time = Stopwatch.GetElapsedTime(begin);

        var shown = Regex.Match(output, @"checks in ([\d.]+) (m?s):");
        Assert.True(shown.Success, output);
        Assert.InRange(double.Parse(shown.Groups[1].Value, CultureInfo.InvariantCulture) / (shown.Groups[2].Value == "ms" ? 1000 : 1), 0.1, time.TotalSeconds);
    }
}
