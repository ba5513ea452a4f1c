using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class BatchCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_main_job_runs_from_init_to_growth()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());

        (await program.RunAsync("init")).Expect(0);
        for (var batch = 1; batch <= 2; batch++)
        {
            (await program.RunAsync("batch")).Expect(0);
            Assert.Equal(10 * batch, await database.CountAsync("users"));
            Assert.Equal(30 * batch, await database.CountAsync("transactions"));
            Assert.Equal(100 * batch, await database.CountAsync("detailed_transactions"));
        }

        var check = (await program.RunAsync("check")).Expect(0);
        Assert.DoesNotContain("BROKEN", check.Output, StringComparison.Ordinal);

        var growth = (await program.RunAsync("growth", "--json")).Expect(0).Json();
        Assert.Equal(["users", "transactions", "detailed_transactions"], growth.Select(table => table.GetProperty("table").GetString()));
        Assert.Equal([20L, 60, 200], growth.Select(table => table.GetProperty("rows").GetInt64()));
        Assert.Equal([10L, 30, 100], growth.Select(table => table.GetProperty("last_batch").GetInt64()));
    }

    [Fact]
    public async Task Times_of_several_connections_are_said_to_be_added_up()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);

        Assert.DoesNotContain("added up", (await program.RunAsync("batch")).Expect(0).Output, StringComparison.Ordinal);
        Assert.Matches(
            @"of which +: generate .+, load .+, verify .+, commit .+\s+connections +: 2, whose times are added up above\s",
            (await program.RunAsync("batch", "--parallel", "2", "--chunk-size", "40")).Expect(0).Output);
    }

    [Fact]
    public async Task A_seeded_batch_shows_the_seed_and_the_reference_time_that_repeat_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);

        var shown = (await program.RunAsync("batch", "--seed", "42", "--reference-time", "2026-01-31T12:00:00.25Z")).Expect(0).Output;

        Assert.Matches(@"seed +: 42\s", shown);
        Assert.Matches(@"reference time +: 2026-01-31T12:00:00\.25Z\s", shown);
    }

    [Fact]
    public async Task A_batch_reports_itself_as_a_JSON_line()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);

        var id = Guid.NewGuid();
        var batch = Assert.Single((await program.RunAsync(
            "batch", "--users", "5", "--transactions", "7", "--details", "9", "--seed", "42", "--batch-id", $"{id}", "--json")).Expect(0).Json());

        Assert.Equal(id, batch.GetProperty("batch_id").GetGuid());
        Assert.Equal(42, batch.GetProperty("seed").GetInt64());
        Assert.Equal(21, batch.GetProperty("total_rows").GetInt64());
        Assert.True(batch.GetProperty("duration").GetDouble() > 0);
        Assert.False(batch.GetProperty("already_loaded").GetBoolean());

        var again = Assert.Single((await program.RunAsync("batch", "--seed", "42", "--batch-id", $"{id}", "--json")).Expect(0).Json());
        Assert.True(again.GetProperty("already_loaded").GetBoolean());
        Assert.Equal(5, await database.CountAsync("users"));
    }

    [Fact]
    public async Task Without_tables_a_batch_says_to_run_init()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var result = (await StreamingPgProgram.On(database.Settings()).RunAsync("batch")).Expect(1);

        Assert.StartsWith("streamingpg: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("streamingpg init", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_terminated_batch_leaves_nothing_behind()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);

        using var process = program.Start("batch", "--users", "1000000", "--transactions", "3000000", "--details", "10000000", "--chunk-size", "20000000");
        while (await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'COPY%'") == 0)
        {
            Assert.False(process.HasExited, await ErrorOf(process));
            await Task.Delay(50);
        }

        await process.SignalAsync("TERM");
        await process.EndAsync();

        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(0, await database.CountAsync("users"));
        Assert.Equal(0, await database.CountAsync("batch_ledger"));
    }

    private static async Task<string> ErrorOf(System.Diagnostics.Process process) =>
        process.HasExited ? await process.StandardError.RestAsync() : "";
}
