using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Health;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Health;

/// <summary>Each check of one database is shown its fault.</summary>
[Collection(SharedPostgres.Name)]
public sealed class HealthCheckerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_stream_that_runs_is_healthy()
    {
        await using var shop = await StreamedAsync();

        // How fast this machine is, and how full its disk, is not the stream's.
        var thresholds = HealthThresholds.Default.With(HealthCheck.Connection, 1000, 1000).With(HealthCheck.FreeDisk, 0, 0);
        var results = await CheckAsync(shop, new HealthOptions { Thresholds = thresholds });

        Assert.All(results, result => Assert.True(result.Status is HealthStatus.Ok, $"{result.Check} {result.Object}: {result.Status} {result.ValueText} {result.Advice}"));
        Assert.Equal(
            HealthCheck.All.Select(check => check.Name).Except([HealthCheck.ReplicationLag, HealthCheck.ReplicationSlot, HealthCheck.ShardNode, HealthCheck.ShardCommit, HealthCheck.ShardBalance]),
            results.Select(result => result.Check).Distinct());
        Assert.Equal(4, results.Count(result => result.Check == HealthCheck.DeadRows));
    }

    [Fact]
    public async Task Batches_that_stay_away_are_missed()
    {
        await using var shop = await StreamedAsync();
        await shop.Database.ExecuteAsync("UPDATE streaming.batch_ledger SET started_at = started_at - interval '5 minutes', committed_at = committed_at - interval '5 minutes'");

        // The ledger shows a batch every 20 seconds.
        var late = (await CheckAsync(shop)).Single(result => result.Check == HealthCheck.BatchAge);
        Assert.Equal((HealthStatus.Critical, 60.0, 200.0), (late.Status, late.Warning!.Value, late.Critical!.Value));
        Assert.InRange(late.Value!.Value, 300, 1000);

        Assert.Equal(HealthStatus.Warning, (await CheckAsync(shop, new HealthOptions { Schedule = TimeSpan.FromMinutes(1.5) })).Single(result => result.Check == HealthCheck.BatchAge).Status);
        Assert.Equal(HealthStatus.Ok, (await CheckAsync(shop, new HealthOptions { Schedule = TimeSpan.FromHours(1) })).Single(result => result.Check == HealthCheck.BatchAge).Status);
    }

    [Fact]
    public async Task A_stream_that_ended_as_it_was_told_to_is_not_missed()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        (await CommandLine.StreamingPgProgram.On(shop.Database.Settings()).RunAsync(
            "stream", "--batches-per-second", "50", "--max-batches", "15")).Expect(0);
        await shop.Database.ExecuteAsync("""
            UPDATE streaming.batch_ledger
            SET started_at = now() - interval '1 hour' + batch_number * interval '20 seconds', committed_at = now() - interval '1 hour' + batch_number * interval '20 seconds'
            WHERE kind = 'batch'
            """);

        var ended = (await CheckAsync(shop)).Where(result => result.Check is "BatchAge" or "Lag").ToList();
        Assert.Equal([HealthStatus.Ok, HealthStatus.Ok], ended.Select(result => result.Status));
        Assert.All(ended, result => Assert.Contains("ended as requested", result.Advice, StringComparison.Ordinal));

        // One that has a schedule is missed, and one that died is.
        Assert.Equal(
            HealthStatus.Critical,
            (await CheckAsync(shop, new HealthOptions { Schedule = TimeSpan.FromSeconds(10) })).Single(result => result.Check == HealthCheck.BatchAge).Status);
        await shop.Database.ExecuteAsync("DELETE FROM streaming.batch_ledger WHERE kind = 'stream-end'");
        Assert.Equal(HealthStatus.Critical, (await CheckAsync(shop)).Single(result => result.Check == HealthCheck.BatchAge).Status);
    }

    [Fact]
    public async Task A_pause_in_a_stream_is_lag()
    {
        await using var shop = await StreamedAsync();
        await shop.Database.ExecuteAsync("UPDATE streaming.batch_ledger SET started_at = started_at - interval '3 minutes', committed_at = committed_at - interval '3 minutes' WHERE batch_number < 15");

        var lag = (await CheckAsync(shop)).Single(result => result.Check == HealthCheck.Lag);

        Assert.Equal((HealthStatus.Warning, 180.0), (lag.Status, lag.Value!.Value));
    }

    [Fact]
    public async Task Without_a_regular_interval_the_schedule_is_unknown()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();

        var results = await CheckAsync(shop);
        Assert.Equal(HealthStatus.Unknown, results.Single(result => result.Check == HealthCheck.BatchAge).Status);
        Assert.Contains("-Schedule", results.Single(result => result.Check == HealthCheck.Lag).Advice, StringComparison.Ordinal);

        await shop.Database.ExecuteAsync("DELETE FROM streaming.batch_ledger");
        Assert.Equal(
            HealthStatus.Critical,
            (await CheckAsync(shop, new HealthOptions { Schedule = TimeSpan.FromSeconds(1) })).Single(result => result.Check == HealthCheck.BatchAge).Status);
    }

    [Fact]
    public async Task Batches_that_stopped_midway_and_repeats_are_failures()
    {
        await using var shop = await StreamedAsync();
        await shop.Database.ExecuteAsync("UPDATE streaming.batch_ledger SET retries = 4 WHERE batch_number = 3");
        await shop.Database.ExecuteAsync("UPDATE streaming.batch_ledger SET parts = 2, committed_at = now() - interval '10 minutes' WHERE batch_number = 1");
        await shop.Database.ExecuteAsync("UPDATE streaming.batch_ledger SET parts = 2, committed_at = now() WHERE batch_number = 2"); // is being loaded

        var results = await CheckAsync(shop);
        var failures = results.Single(result => result.Check == HealthCheck.FailureRate);
        Assert.Equal((HealthStatus.Warning, 0.05), (failures.Status, failures.Value!.Value));
        Assert.Equal((HealthStatus.Warning, 0.2), (results.Single(result => result.Check == HealthCheck.RetryRate).Status, results.Single(result => result.Check == HealthCheck.RetryRate).Value!.Value));

        Assert.Equal(
            HealthStatus.Ok,
            (await CheckAsync(shop, new HealthOptions { Period = TimeSpan.FromMinutes(9) })).Single(result => result.Check == HealthCheck.FailureRate).Status);
    }

    [Fact]
    public async Task A_sequence_that_ends_soon_says_in_how_many_days()
    {
        await using var shop = await StreamedAsync();
        await shop.Database.ExecuteAsync("SELECT setval('streaming.detailed_transactions_id_seq', 2147483647 - 72000)");

        // 20 batches of 100 lines count as what an hour brings: 48,000 a day.
        var results = await CheckAsync(shop);
        var days = results.Single(result => result.Check == HealthCheck.SequenceDays);
        Assert.Equal((HealthStatus.Critical, "detailed_transactions.id", 1.5), (days.Status, days.Object, Math.Round(days.Value!.Value, 3)));
        Assert.Contains("72,000 values are left", days.Advice, StringComparison.Ordinal);
        Assert.Contains("-WidenKey detailed_transactions", days.Advice, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Critical, results.Single(result => result.Check == HealthCheck.SequenceUsed).Status);

        await shop.Database.ExecuteAsync("DELETE FROM streaming.batch_ledger");
        var still = (await CheckAsync(shop)).Single(result => result.Check == HealthCheck.SequenceDays);
        Assert.Equal((HealthStatus.Ok, null), (still.Status, still.Value));
    }

    [Fact]
    public async Task Dead_rows_and_missing_maintenance_are_found()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.users SET (autovacuum_enabled = off)");
        await shop.Database.ExecuteAsync("INSERT INTO streaming.users (user_id) SELECT gen_random_uuid() FROM generate_series(1, 10000)");
        await shop.Database.ExecuteAsync("UPDATE streaming.users SET age = 1");
        await shop.Database.FlushStatisticsAsync();

        var users = (await CheckAsync(shop)).Where(result => result.Object == "users").ToDictionary(result => result.Check);
        Assert.Equal((HealthStatus.Warning, 0.5), (users[HealthCheck.DeadRows].Status, users[HealthCheck.DeadRows].Value!.Value));
        Assert.Contains("""VACUUM "streaming"."users";""", users[HealthCheck.DeadRows].Advice, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Warning, users[HealthCheck.LastVacuum].Status);
        Assert.Equal(HealthStatus.Warning, users[HealthCheck.LastAnalyze].Status);
        await shop.Database.ExecuteAsync("INSERT INTO streaming.batch_ledger (batch_id, committed_at) VALUES (gen_random_uuid(), now() - interval '8 days')");
        users = (await CheckAsync(shop)).Where(result => result.Object == "users").ToDictionary(result => result.Check);
        Assert.Equal(HealthStatus.Critical, users[HealthCheck.LastVacuum].Status);
        Assert.StartsWith("Never done", users[HealthCheck.LastVacuum].Advice, StringComparison.Ordinal);

        await shop.Database.ExecuteAsync("VACUUM ANALYZE streaming.users");
        await shop.Database.ExecuteAsync("UPDATE streaming.users SET age = 2");
        await shop.Database.FlushStatisticsAsync();
        users = (await CheckAsync(shop, With(HealthCheck.LastVacuum, 0, 0))).Where(result => result.Object == "users").ToDictionary(result => result.Check);
        Assert.Equal(HealthStatus.Critical, users[HealthCheck.LastVacuum].Status);
        Assert.Equal(HealthStatus.Ok, users[HealthCheck.LastAnalyze].Status);
        Assert.NotNull(users[HealthCheck.LastAnalyze].Value);
    }

    [Fact]
    public async Task Bloat_is_found()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.users SET (autovacuum_enabled = off)");
        await shop.Database.ExecuteAsync("INSERT INTO streaming.users (user_id, name, age) SELECT gen_random_uuid(), repeat('x', 60), n FROM generate_series(1, 100000) AS n");
        await shop.Database.ExecuteAsync("VACUUM ANALYZE streaming.users");
        var full = Bloat(await CheckAsync(shop));
        Assert.Equal(HealthStatus.Ok, full.Status);
        Assert.InRange(full.Value!.Value, 0, 0.1);

        await shop.Database.ExecuteAsync("DELETE FROM streaming.users WHERE age % 10 <> 0");
        await shop.Database.ExecuteAsync("VACUUM ANALYZE streaming.users");
        var bloated = Bloat(await CheckAsync(shop));
        Assert.Equal(HealthStatus.Critical, bloated.Status);
        Assert.InRange(bloated.Value!.Value, 0.85, 0.95);
        Assert.Contains("VACUUM FULL", bloated.Advice, StringComparison.Ordinal);

        static HealthResult Bloat(List<HealthResult> results) => results.Single(result => result is { Check: HealthCheck.Bloat, Object: "users" });
    }

    [Fact]
    public async Task Missing_tables_are_critical_and_a_missing_right_is_unknown()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var nowhere = shop.Connection.WithSchema("not_there");
        var results = await CheckAsync(nowhere);
        Assert.Equal(HealthStatus.Critical, results.Single(result => result.Check == HealthCheck.BatchAge).Status);
        Assert.Equal(HealthStatus.Critical, results.Single(result => result.Check == HealthCheck.DeadRows).Status);

        var plain = await shop.Database.ConnectAsPlainRoleAsync("GRANT USAGE ON SCHEMA streaming TO {role}");
        results = await CheckAsync(plain);
        Assert.Equal(HealthStatus.Unknown, results.Single(result => result.Check == HealthCheck.BatchAge).Status);
        Assert.Contains("GRANT SELECT", results.Single(result => result.Check == HealthCheck.BatchAge).Advice, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unknown, results.Single(result => result.Check == HealthCheck.FreeDisk).Status);
        Assert.Equal(HealthStatus.Ok, results.Single(result => result.Check == HealthCheck.Connections).Status);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_one_critical_result()
    {
        await using var nowhere = new DatabaseConnection(
            new NpgsqlConnectionStringBuilder("Host=127.0.0.1;Port=1;Timeout=2"), "streaming", ConnectionSource.Parameter);

        var result = Assert.Single(await CheckAsync(nowhere));

        Assert.Equal((HealthCheck.Connection, HealthStatus.Critical), (result.Check, result.Status));
        Assert.Contains("refused", result.Advice, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Twenty batches, one every 20 seconds, the last one just now.</summary>
    private async Task<LoadedShop> StreamedAsync()
    {
        // Private: the disk of a server in a container cannot be looked at.
        var shop = await LoadedShop.CreatePrivateAsync(postgres);
        await shop.Database.ExecuteAsync("""
            INSERT INTO streaming.batch_ledger (batch_id, batch_number, rows, started_at, committed_at)
            SELECT gen_random_uuid(), n, '{"detailed_transactions": 100}'::jsonb, t, t FROM generate_series(1, 20) AS n, LATERAL (SELECT now() - (20 - n) * interval '20 seconds') AS time (t)
            """);
        return shop;
    }

    private static HealthOptions With(string check, double warning, double critical) =>
        new() { Thresholds = HealthThresholds.Default.With(check, warning, critical) };

    private static Task<List<HealthResult>> CheckAsync(LoadedShop shop, HealthOptions? options = null) => CheckAsync(shop.Connection, options);

    private static async Task<List<HealthResult>> CheckAsync(DatabaseConnection connection, HealthOptions? options = null)
    {
        var results = new List<HealthResult>();
        await foreach (var result in HealthChecker.CheckAsync(connection, MetadataReader.Default, options ?? new HealthOptions(), CancellationToken.None))
        {
            results.Add(result);
        }

        return results;
    }
}
