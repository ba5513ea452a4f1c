using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>What a batch leaves in the database.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BatchTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Three_batches_add_exactly_what_was_asked_for_each_with_its_ledger_row()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        for (var batch = 1; batch <= 3; batch++)
        {
            var result = await shop.LoadAsync();

            Assert.Equal((10L * batch, 30L * batch, 100L * batch, (long)batch), await shop.CountAsync());
            Assert.Equal([new("users", 10), new("transactions", 30), new TableCount("detailed_transactions", 100)], result.Tables);
            Assert.False(result.AlreadyLoaded);
            var ledger = Assert.Single(await shop.Database.QueryAsync(
                "SELECT batch_number, seed, rows::text, foreign_key_check, kind, committed_at >= started_at FROM streaming.batch_ledger WHERE batch_id = $1",
                result.BatchId));
            Assert.Equal(
                [result.BatchNumber, result.Seed, """{"users": 10, "transactions": 30, "detailed_transactions": 100}""", result.ForeignKeyCheck.ToString(), "batch", true],
                ledger);
        }

        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 50, 10)]
    [InlineData(1, 1, 500)]
    [InlineData(2000, 3000, 4000)]
    public async Task Sizes_small_and_large_come_out_exactly_and_sound(int users, int transactions, int details)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        await shop.LoadAsync(users, transactions, details);

        Assert.Equal((users, transactions, details, 1L), await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_session_that_began_on_empty_tables_does_not_read_them_whole_when_they_have_grown()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        foreach (var table in new[] { "users", "transactions", "detailed_transactions" })
        {
            // No ANALYZE may come in between and make the server plan anew.
            await shop.Database.ExecuteAsync($"ALTER TABLE streaming.{table} SET (autovacuum_enabled = off)");
        }

        var before = await CountReadsAsync(shop.Database);
        await using var writer = shop.Database.Connect("streaming");
        for (var batch = 0; batch < 40; batch++)
        {
            await shop.LoadAsync(LoadedShop.Options(10, 30, 100), writer);
        }

        // A session hands on what it counted when it ends.
        await writer.DisposeAsync();
        Assert.Equal(before, await CountReadsAsync(shop.Database));

        static async Task<long> CountReadsAsync(TestDatabase database)
        {
            await database.FlushStatisticsAsync();
            return await database.ScalarAsync<long>(
                "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('users', 'transactions', 'detailed_transactions')");
        }
    }

    [Theory]
    [InlineData(10, 30, 100)]
    [InlineData(1000, 3000, 10_000)]
    public async Task No_statement_of_a_batch_is_compiled_by_the_server(int users, int transactions, int details)
    {
        await using var shop = await LoadedShop.CreatePrivateAsync(postgres);
        await shop.LoadAsync(users, transactions, details);
        var settings = shop.Database.Settings();
        settings.Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on "
            + "-c auto_explain.log_timing=off";
        await using var explained = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
        var log = (await postgres.PrivateServerAsync()).GetStatus().LogFile!;
        var before = new FileInfo(log).Length;

        await shop.LoadAsync(LoadedShop.Options(users, transactions, details), explained);

        await using var written = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        written.Seek(before, SeekOrigin.Begin);
        var plans = await new StreamReader(written).ReadToEndAsync();
        Assert.Contains("nextval", plans, StringComparison.Ordinal);
        Assert.DoesNotContain("JIT:", plans, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task Sequence_goes_on_after_the_rows_that_were_loaded(int details)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(1, 1, details);

        var next = await shop.Database.ScalarAsync<int>(
            "INSERT INTO streaming.detailed_transactions (quantity, unit_price) VALUES (1, 1) RETURNING id");

        Assert.Equal(details + 1, next);
        await shop.LoadAsync(1, 1, details);
        Assert.Equal((2L * details) + 1, await shop.Database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM streaming.detailed_transactions"));
    }

    [Fact]
    public async Task Same_seed_gives_the_same_rows_in_two_empty_databases_and_another_seed_others()
    {
        await using var one = await LoadedShop.CreateAsync(postgres);
        await using var other = await LoadedShop.CreateAsync(postgres, schema: "elsewhere");
        await using var third = await LoadedShop.CreateAsync(postgres);
        foreach (var shop in new[] { one, other })
        {
            // The second batch refers to rows of the first: which ones must be the same too.
            await shop.LoadAsync(LoadedShop.Options(100, 300, 1500) with { Seed = 42 });
            await shop.LoadAsync(LoadedShop.Options(10, 30, 100) with { Seed = 42 });
        }

        await third.LoadAsync(LoadedShop.Options(100, 300, 1500) with { Seed = 43 });
        await third.LoadAsync(LoadedShop.Options(10, 30, 100) with { Seed = 43 });

        var expected = await one.HashAsync();
        Assert.Equal(expected, await other.HashAsync());
        Assert.NotEqual(expected, await third.HashAsync());
        await one.AssertSoundAsync();
    }

    [Fact]
    public async Task Same_seed_gives_the_same_rows_on_any_number_of_connections()
    {
        var hashes = new List<string>();
        foreach (var parallel in new[] { 1, 2, 3 })
        {
            await using var shop = await LoadedShop.CreateAsync(postgres);
            await shop.LoadAsync(50, 100, 200);
            await shop.Database.ExecuteAsync("DELETE FROM streaming.detailed_transactions; DELETE FROM streaming.transactions; DELETE FROM streaming.users");
            var result = await shop.LoadAsync(LoadedShop.Options(300, 900, 6000) with
            {
                Seed = 7, ReferenceTime = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), ChunkSize = 1500, Parallel = parallel,
            });

            Assert.Equal((5, Math.Min(parallel, 4)), (result.Chunks, result.Connections));
            Assert.Equal((300L, 900L, 6000L, 6L), await shop.CountAsync());
            await shop.AssertSoundAsync();
            hashes.Add(await shop.HashAsync());
        }

        Assert.Single(hashes.Distinct());
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public async Task Later_batches_refer_to_users_that_were_there_before_in_the_share_asked_for(double ratio)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(500, 0, 0);
        await shop.Database.ExecuteAsync("CREATE TABLE before AS SELECT user_id FROM streaming.users");

        await shop.LoadAsync(LoadedShop.Options(100, 2000, 3000) with { ExistingRatio = ratio, Seed = 1 });

        var old = await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.transactions WHERE user_id IN (SELECT user_id FROM before)");
        Assert.InRange(old / 2000.0, ratio is 0 or 1 ? ratio : ratio - 0.06, ratio is 0 or 1 ? ratio : ratio + 0.06);
        var busyOld = await shop.Database.ScalarAsync<long>("SELECT count(DISTINCT user_id) FROM streaming.transactions JOIN before USING (user_id)");
        Assert.True(ratio == 0 ? busyOld == 0 : busyOld > 100, $"{busyOld} users of before were referred to.");
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(3, 400)]
    public async Task New_lines_of_old_transactions_keep_their_amounts_right(int parallel, int chunkSize)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(3000, 4000, 5000);

        for (var round = 0; round < 2; round++)
        {
            await shop.LoadAsync(LoadedShop.Options(0, 0, 2000) with { Parallel = parallel, ChunkSize = chunkSize });
        }

        Assert.Equal((3000L, 4000L, 9000L), await shop.CountAsync() is var count ? (count.Users, count.Transactions, count.Details) : default);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Users_only_old_can_be_asked_for()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync(5, 0, 0);

        await shop.LoadAsync(0, 30, 100);

        Assert.Equal((5L, 30L, 100L, 2L), await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData(140, 100_000, 1)]
    [InlineData(6000, 1000, 2)]
    public async Task A_batch_that_is_in_the_ledger_is_reported_and_not_loaded_again(int details, int chunkSize, int parallel)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var options = LoadedShop.Options(10, 30, details) with { BatchId = Guid.NewGuid(), ChunkSize = chunkSize, Parallel = parallel };
        var first = await shop.LoadAsync(options);
        var hash = await shop.HashAsync();

        var second = await shop.LoadAsync(options);

        Assert.False(first.AlreadyLoaded);
        Assert.True(second.AlreadyLoaded);
        Assert.Equal((first.BatchId, first.BatchNumber, first.Seed, TimeSpan.Zero), (second.BatchId, second.BatchNumber, second.Seed, second.Duration));
        Assert.Equal(first.Tables, second.Tables);
        Assert.Equal(hash, await shop.HashAsync());
    }

    [Fact]
    public async Task The_same_batch_id_at_the_same_time_is_loaded_once()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var options = LoadedShop.Options(10, 30, 100) with { BatchId = Guid.NewGuid() };

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => shop.LoadAsync(options))));

        Assert.Single(results, result => !result.AlreadyLoaded);
        Assert.Equal((10L, 30L, 100L, 1L), await shop.CountAsync());
    }

    [Fact]
    public async Task Batches_at_the_same_time_have_numbers_of_their_own_and_leave_sound_tables()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();

        var numbers = (await Task.WhenAll(Enumerable.Range(0, 4).Select(task => Task.Run(async () =>
        {
            var own = new List<long>();
            for (var batch = 0; batch < 6; batch++)
            {
                // Some batches reserve their sequence values one by one, some by moving the sequence; some add to old transactions.
                var result = await shop.LoadAsync(batch == 5 ? LoadedShop.Options(0, 0, 50) : LoadedShop.Options(10, 30, batch == 3 ? 1500 : 100));
                own.Add(result.BatchNumber);
            }

            return own;
        })))).SelectMany(own => own).ToArray();

        Assert.Equal(24, numbers.Distinct().Count());
        Assert.Equal((10L + (4 * 50), 30L + (4 * 150), 100L + (4 * (400 + 1500 + 50)), 25L), await shop.CountAsync());
        Assert.Equal(210, await shop.Database.ScalarAsync<long>("SELECT count(DISTINCT email) FROM streaming.users"));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_schema_name_that_is_SQL_is_only_a_name()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres, "a\"b; drop table x");
        await shop.LoadAsync();
        await shop.LoadAsync(0, 0, 20);
        await shop.LoadAsync(100, 500, 1500);

        Assert.Equal((110L, 530L, 1620L, 3L), await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Progress_counts_every_row_of_a_large_batch()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var reports = new System.Collections.Concurrent.ConcurrentQueue<BatchProgress>();

        await BatchRunner.RunAsync(
            shop.Connection, MetadataReader.Default, LoadedShop.Options(1000, 2000, 9000) with { ChunkSize = 4000, Parallel = 2 }, new Direct(reports), CancellationToken.None);

        Assert.Equal(12_000, reports.Max(report => report.RowsDone));
        Assert.All(reports, report => Assert.Equal(12_000, report.RowsTotal));
    }

    private sealed class Direct(System.Collections.Concurrent.ConcurrentQueue<BatchProgress> reports) : IProgress<BatchProgress>
    {
        public void Report(BatchProgress value) => reports.Enqueue(value);
    }
}
