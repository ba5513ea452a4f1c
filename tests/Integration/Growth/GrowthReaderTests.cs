using StreamingPg.Core.Growth;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Growth;

[Collection(SharedPostgres.Name)]
public sealed class GrowthReaderTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Empty_tables_have_no_rows_and_no_growth(bool estimate)
    {
        await using var database = await CreateAsync();

        var growth = await ReadAsync(database, Day, estimate);

        Assert.Equal(["users", "transactions", "detailed_transactions"], growth.Select(table => table.Table));
        Assert.All(growth, table => Assert.Equal((0L, 0L, 0L, Day, estimate), (table.Rows, table.LastBatch, table.InPeriod, table.Period, table.IsEstimate)));
    }

    [Fact]
    public async Task Rows_are_counted_and_sizes_are_the_servers_own()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("ALTER TABLE streaming.users SET (autovacuum_enabled = off)"); // it would add files
        await AddUsersAsync(database, 1234);

        var users = (await ReadAsync(database, Day))[0];

        Assert.Equal(1234, users.Rows);
        Assert.False(users.IsEstimate);
        Assert.Equal(await database.ScalarAsync<long>("SELECT pg_table_size('streaming.users')"), users.TableBytes);
        Assert.Equal(await database.ScalarAsync<long>("SELECT pg_indexes_size('streaming.users')"), users.IndexBytes);
        Assert.Equal(await database.ScalarAsync<long>("SELECT pg_total_relation_size('streaming.users')"), users.TotalBytes);
    }

    [Fact]
    public async Task Last_batch_is_the_one_with_the_highest_number_with_all_its_parts()
    {
        await using var database = await CreateAsync();
        await AddLedgerAsync(database, number: 1, part: 0, users: 1000);
        await AddLedgerAsync(database, number: 7, part: 0, users: 10, kind: "import");
        await AddLedgerAsync(database, number: 7, part: 1, users: 5);
        await AddLedgerAsync(database, number: 9, part: 0, users: 77, kind: "something else");

        var growth = await ReadAsync(database, Day);

        Assert.Equal([15, 30, 0], growth.Select(table => table.LastBatch));
    }

    [Fact]
    public async Task Period_takes_what_was_committed_within_it()
    {
        await using var database = await CreateAsync();
        await AddLedgerAsync(database, number: 1, part: 0, users: 1, committed: "now() - interval '25 hours'");
        await AddLedgerAsync(database, number: 2, part: 0, users: 10, committed: "now() - interval '23 hours'", kind: "import");
        await AddLedgerAsync(database, number: 3, part: 0, users: 100, committed: "now() - interval '10 minutes'");

        Assert.Equal(110, (await ReadAsync(database, Day))[0].InPeriod);
        Assert.Equal(100, (await ReadAsync(database, TimeSpan.FromHours(1)))[0].InPeriod);
        Assert.Equal(111, (await ReadAsync(database, TimeSpan.FromDays(3650)))[0].InPeriod);
    }

    [Fact]
    public async Task Estimate_follows_the_planner_and_grows_with_the_table_before_the_next_analyze()
    {
        await using var database = await CreateAsync();
        await AddUsersAsync(database, 10_000);
        await database.ExecuteAsync("ANALYZE streaming.users");
        await AddUsersAsync(database, 10_000);

        var users = (await ReadAsync(database, Day, estimate: true))[0];

        Assert.True(users.IsEstimate);
        Assert.InRange(users.Rows, 19_000, 21_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public async Task Estimate_of_batches_is_what_they_loaded_whenever_the_tables_were_analyzed(int analyzedAfter)
    {
        await using var database = await CreateAsync();
        for (var batch = 1; batch <= 7; batch++)
        {
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(10, 30, 100));
            if (batch == analyzedAfter)
            {
                await database.ExecuteAsync("ANALYZE");
            }
        }

        var growth = await ReadAsync(database, Day, estimate: true);

        Assert.Equal([70L, 210L, 700L], growth.Select(table => table.Rows));
    }

    [Fact]
    public async Task Estimate_of_a_table_that_nobody_analyzed_or_counted_comes_from_the_ledger()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("ALTER TABLE streaming.users SET (autovacuum_enabled = off)");
        await AddUsersAsync(database, 500);
        await AddLedgerAsync(database, number: 1, part: 0, users: 500);
        await database.FlushStatisticsAsync();
        await database.ScalarAsync<string>("SELECT pg_stat_reset_single_table_counters('streaming.users'::regclass)::text");

        Assert.Equal(500, (await ReadAsync(database, Day, estimate: true))[0].Rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Partitioned_table_is_the_sum_of_its_partitions(bool estimate)
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("""
            DROP TABLE streaming.detailed_transactions;
            CREATE TABLE streaming.detailed_transactions (id serial PRIMARY KEY, transaction_id uuid, user_id uuid,
                product_name varchar(255), quantity integer, unit_price numeric(10,2), created_at timestamp) PARTITION BY RANGE (id);
            CREATE TABLE streaming.d1 PARTITION OF streaming.detailed_transactions FOR VALUES FROM (1) TO (2000);
            CREATE TABLE streaming.d2 PARTITION OF streaming.detailed_transactions FOR VALUES FROM (2000) TO (9000);
            INSERT INTO streaming.detailed_transactions (quantity) SELECT 1 FROM generate_series(1, 5000);
            ANALYZE streaming.detailed_transactions
            """);

        var details = (await ReadAsync(database, Day, estimate))[2];

        Assert.Equal(5000, details.Rows);
        Assert.Equal(await database.ScalarAsync<long>("SELECT pg_total_relation_size('streaming.d1') + pg_total_relation_size('streaming.d2')"), details.TotalBytes);
    }

    [Fact]
    public async Task Odd_names_are_taken_as_they_are()
    {
        await using var database = await postgres.CreateDatabaseAsync("a\"b; drop table x");
        var model = MetadataReader.Parse("""{"Weird \"table": {"columns": {"the id": {"type": "INTEGER", "primary_key": true}}}}""");
        await SchemaInitializer.InitializeAsync(database.Connection, model, false, CancellationToken.None);
        await database.ExecuteAsync($"INSERT INTO {database.Connection.Quote("Weird \"table")} VALUES (1), (2)");

        var growth = await GrowthReader.ReadAsync(database.Connection, model, Day, false, CancellationToken.None);

        Assert.Equal(("Weird \"table", 2L), (Assert.Single(growth).Table, growth[0].Rows));
    }

    [Theory]
    [InlineData("detailed_transactions")]
    [InlineData("batch_ledger")]
    public async Task Missing_table_is_named_with_the_remedy(string table)
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync($"DROP TABLE streaming.{table}");

        var error = await Assert.ThrowsAsync<StreamingException>(() => ReadAsync(database, Day));

        Assert.Equal(("TableNotFound", StreamingErrorKind.NotFound, table), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("Initialize-StreamingSchema", error.Remedy, StringComparison.Ordinal);
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        return database;
    }

    private static Task<IReadOnlyList<TableGrowth>> ReadAsync(TestDatabase database, TimeSpan period, bool estimate = false) =>
        GrowthReader.ReadAsync(database.Connection, MetadataReader.Default, period, estimate, CancellationToken.None);

    private static Task<int> AddUsersAsync(TestDatabase database, int count) => database.ExecuteAsync(
        "INSERT INTO streaming.users (user_id, name) SELECT gen_random_uuid(), 'A name' FROM generate_series(1, $1)", count);

    private static Task<int> AddLedgerAsync(
        TestDatabase database, int number, int part, int users, string kind = "batch", string committed = "now()") =>
        database.ExecuteAsync(
            $$"""
            INSERT INTO streaming.batch_ledger (batch_id, batch_number, part, kind, rows, committed_at)
            VALUES (md5($1::text)::uuid, $1, $2, $3, jsonb_build_object('users', $4, 'transactions', 2 * $4), {{committed}})
            """,
            number, part, kind, users);
}
