using Npgsql;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Integrity;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Analytics;

[Collection(SharedPostgres.Name)]
public sealed class AnalyticsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Children_are_counted_per_parent()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync($"""
            DELETE FROM streaming.detailed_transactions;
            DELETE FROM streaming.transactions;
            INSERT INTO streaming.transactions (transaction_id, user_id, transaction_date)
            SELECT {Shop.Transaction("(100 * child + parent)")}, {Shop.User("parent")}, timestamp '2025-01-01' + child * interval '1 day'
            FROM generate_series(1, 8) AS parent, generate_series(1, parent) AS child;
            INSERT INTO streaming.transactions (transaction_id, user_id) VALUES ({Shop.Transaction("9999")}, NULL)
            """);

        var all = (await RelationshipsAsync(database, new AnalyticsOptions()))[0];

        Assert.Equal("transactions.user_id -> users.user_id", all.ForeignKey);
        Assert.Equal((10, 8, 2, 36), (all.Parents, all.ParentsWithChildren, all.ParentsWithoutChildren, all.Children));
        Assert.Equal((0, 3.6, 8, 8), (all.MinChildren, all.AverageChildren, all.P95Children, all.MaxChildren));

        var some = (await RelationshipsAsync(database, new AnalyticsOptions { Since = Day(4), Until = Day(6) }))[0];

        Assert.Equal((6, 4, 11, 2), (some.ParentsWithChildren, some.ParentsWithoutChildren, some.Children, some.MaxChildren));
    }

    [Fact]
    public async Task A_model_with_composite_keys_and_odd_names_works()
    {
        await using var database = await postgres.CreateDatabaseAsync("an odd \"schema");
        var model = MetadataReader.Parse("""
            {"a \"b": {"columns": {"x y": {"type": "INTEGER", "primary_key": true}, "children": {"type": "INTEGER"}}},
             "c": {"columns": {"id": {"type": "INTEGER", "primary_key": true},
                               "count": {"type": "INTEGER", "foreign_key": {"table": "a \"b", "column": "x y"}}}}}
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync($"INSERT INTO {database.Connection.Quote("a \"b")} SELECT n FROM generate_series(1, 20) AS n");
        await database.ExecuteAsync($"INSERT INTO {database.Connection.Quote("c")} SELECT n, n % 2 + 1 FROM generate_series(1, 9) AS n");

        var result = Assert.Single(await RelationshipReader.ReadAsync(database.Connection, model, new AnalyticsOptions(), CancellationToken.None));

        Assert.Equal((20, 2, 9, 4, 5), (result.Parents, result.ParentsWithChildren, result.Children, result.P95Children, result.MaxChildren));
        var error = await Assert.ThrowsAsync<StreamingException>(() => RelationshipReader.ReadAsync(
            database.Connection, model, new AnalyticsOptions { Since = Day(1) }, CancellationToken.None));
        Assert.Equal(("NoTimeColumn", "c"), (error.ErrorId, error.Target));
    }

    [Fact]
    public async Task A_time_with_zone_is_an_instant_in_any_session()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse("""
            {"p": {"columns": {"id": {"type": "INTEGER", "primary_key": true}}},
             "c": {"columns": {"id": {"type": "INTEGER", "primary_key": true}, "at": {"type": "TIMESTAMPTZ"},
                               "p": {"type": "INTEGER", "foreign_key": {"table": "p", "column": "id"}}}}}
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync("INSERT INTO streaming.p VALUES (1)");
        await database.ExecuteAsync("INSERT INTO streaming.c (id, at, p) SELECT n, timestamptz '2025-01-01 00:00:00Z' + n * interval '1 hour', 1 FROM generate_series(0, 47) AS n");
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET timezone = 'Asia/Tokyo'");
        await using var connection = new DatabaseConnection(database.Settings(), "streaming", ConnectionSource.Parameter);

        var result = Assert.Single(await RelationshipReader.ReadAsync(
            connection, model, new AnalyticsOptions { Since = Day(2).AddHours(-1), Until = Day(2).AddHours(3) }, CancellationToken.None));

        Assert.Equal(4, result.Children);
    }

    [Fact]
    public async Task Empty_tables_have_no_parents()
    {
        await using var database = await Shop.CreateAsync(postgres, withRows: false);

        Assert.All(await RelationshipsAsync(database, new AnalyticsOptions()), relationship =>
            Assert.Equal((0, 0, 0.0, 0, 0), (relationship.Parents, relationship.Children, relationship.AverageChildren, relationship.P95Children, relationship.MaxChildren)));
        Assert.Empty(await UsersAsync(database, MetadataReader.Default, new AnalyticsOptions()));
        Assert.Empty(await ProductSaleReader.ReadAsync(database.Connection, MetadataReader.Default, 5, new AnalyticsOptions(), CancellationToken.None));
    }

    [Fact]
    public async Task Since_is_included_and_until_is_not()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("SET timezone = 'Asia/Tokyo'; UPDATE streaming.transactions SET transaction_date = '2025-01-05', amount = 1");
        await database.ExecuteAsync("UPDATE streaming.detailed_transactions SET created_at = '2025-01-05'");

        Assert.Equal(20, (await UsersAsync(database, MetadataReader.Default, new AnalyticsOptions { Since = Day(5) })).Sum(user => user.TransactionCount));
        Assert.Equal(0, (await UsersAsync(database, MetadataReader.Default, new AnalyticsOptions { Until = Day(5) })).Sum(user => user.TransactionCount));
        Assert.Empty(await ProductSaleReader.ReadAsync(
            database.Connection, MetadataReader.Default, 5, new AnalyticsOptions { Until = Day(5) }, CancellationToken.None));
        Assert.Equal(60, Assert.Single(await ProductSaleReader.ReadAsync(
            database.Connection, MetadataReader.Default, 5, new AnalyticsOptions { Since = Day(5) }, CancellationToken.None)).TotalQuantity / 7 * 3);
        var error = await Assert.ThrowsAsync<StreamingException>(() =>
            UsersAsync(database, MetadataReader.Default, new AnalyticsOptions { Since = Day(5), Until = Day(5) }));
        Assert.Equal("TimeRangeEmpty", error.ErrorId);
    }

    [Fact]
    public async Task Another_model_is_told_that_it_is_no_shop()
    {
        await using var database = await Shop.CreateAsync(postgres);
        var model = MetadataReader.Parse("""{"users": {"columns": {"user_id": {"type": "INTEGER", "primary_key": true}}}}""");

        var error = await Assert.ThrowsAsync<StreamingException>(() => UsersAsync(database, model, new AnalyticsOptions()));

        Assert.Equal(("NotAShop", "users.user_id UUID"), (error.ErrorId, error.Target));
        Assert.Contains("Get-StreamingRelationship", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_ended_by_the_server()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("""
            ALTER TABLE streaming.users RENAME TO slow;
            CREATE VIEW streaming.users AS SELECT * FROM streaming.slow WHERE pg_sleep(10) IS NOT NULL
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => UsersAsync(
            database, MetadataReader.Default, new AnalyticsOptions { StatementTimeout = TimeSpan.FromMilliseconds(20) }));

        Assert.Equal(("StatementCanceled", StreamingErrorKind.Timeout), (error.ErrorId, error.Kind));
        Assert.Contains("-StatementTimeout", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_can_be_written()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("""
            CREATE FUNCTION streaming.spoil() RETURNS int LANGUAGE sql AS 'DELETE FROM streaming.batch_ledger; SELECT 1';
            ALTER TABLE streaming.users RENAME TO real;
            CREATE VIEW streaming.users AS SELECT * FROM streaming.real WHERE streaming.spoil() = 1
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => UsersAsync(database, MetadataReader.Default, new AnalyticsOptions()));

        Assert.Equal("ReadOnlyServer", error.ErrorId);
    }

    [Fact]
    public async Task A_standby_answers_when_the_connection_asks_for_one()
    {
        await using var primary = new ThrowAwayServer();
        await primary.StartAsPrimaryAsync();
        var settings = primary.Server.GetConnectionSettings()!;
        settings.Host = "127.0.0.1";
        await using (var connection = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter))
        {
            await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        }

        await using var standby = await StandbyServer.StartAsync(settings);
        settings.Host = $"127.0.0.1:{settings.Port},127.0.0.1:{standby.Port}";
        foreach (var (wanted, port) in new[] { ("prefer-standby", standby.Port), ("standby", standby.Port), ("primary", settings.Port), ("read-write", settings.Port) })
        {
            settings.TargetSessionAttributes = wanted;
            await using var connection = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
            Assert.Equal(3, (await RelationshipReader.ReadAsync(connection, MetadataReader.Default, new AnalyticsOptions(), CancellationToken.None)).Count);
            await using var open = await connection.OpenAsync(CancellationToken.None);
            Assert.Equal(port, open.Port);
        }

        await ReadYourLedgerAsync(settings);
        await CheckBySeveralSessionsAsync(settings);
        settings.Host = $"127.0.0.1:{settings.Port}";
        settings.TargetSessionAttributes = "standby";
        await using var none = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
        var error = await Assert.ThrowsAsync<StreamingException>(() => none.OpenAsync(CancellationToken.None).AsTask());
        Assert.Equal("NoSuitableHost", error.ErrorId);
    }

    /// <summary>Sessions that reach another server than the first one do not have its snapshot.</summary>
    private static async Task CheckBySeveralSessionsAsync(NpgsqlConnectionStringBuilder hosts)
    {
        await using var either = new DatabaseConnection(
            new NpgsqlConnectionStringBuilder(hosts.ConnectionString) { TargetSessionAttributes = "any", LoadBalanceHosts = true }, "streaming", ConnectionSource.Parameter);

        var results = await IntegrityChecker.CheckAsync(either, MetadataReader.Default, new IntegrityOptions { Parallel = 3 }, CancellationToken.None).ToListAsync();

        Assert.DoesNotContain(results, result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error });
        Assert.Contains(results, result => result.Status == IntegrityStatus.Passed);
    }

    /// <summary>A check on a standby that stands still waits for the batch before it, and says so when it waits in vain.</summary>
    private static async Task ReadYourLedgerAsync(NpgsqlConnectionStringBuilder hosts)
    {
        await using var primary = new DatabaseConnection(
            new NpgsqlConnectionStringBuilder(hosts.ConnectionString) { TargetSessionAttributes = "primary" }, "streaming", ConnectionSource.Parameter);
        await using var standby = new DatabaseConnection(
            new NpgsqlConnectionStringBuilder(hosts.ConnectionString) { TargetSessionAttributes = "standby" }, "streaming", ConnectionSource.Parameter);
        await using var pausing = await standby.OpenAsync(CancellationToken.None);
        await ExecuteAsync(pausing, "SELECT pg_wal_replay_pause()");
        await BatchRunner.RunAsync(primary, MetadataReader.Default, LoadedShop.Options(10, 30, 100), progress: null, CancellationToken.None);

        var error = await Assert.ThrowsAsync<StreamingException>(() => StandbyCatchUp.WaitAsync(pausing, standby, TimeSpan.FromMilliseconds(200), CancellationToken.None));
        Assert.Equal(ErrorIds.StandbyBehind, error.ErrorId);
        var checking = IntegrityChecker.CheckAsync(standby, MetadataReader.Default, CancellationToken.None).ToListAsync().AsTask();
        await Task.Delay(200);
        Assert.False(checking.IsCompleted);
        await ExecuteAsync(pausing, "SELECT pg_wal_replay_resume()");

        Assert.Contains(await checking, result => result.Status == IntegrityStatus.Passed);
        Assert.DoesNotContain(await checking, result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error } or { Table: "users", Status: IntegrityStatus.NothingToCheck });

        static async Task ExecuteAsync(NpgsqlConnection open, string sql)
        {
            await using var command = new NpgsqlCommand(sql, open);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static Task<IReadOnlyList<TableRelationship>> RelationshipsAsync(TestDatabase database, AnalyticsOptions options) =>
        RelationshipReader.ReadAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None);

    private static Task<IReadOnlyList<UserActivity>> UsersAsync(TestDatabase database, StreamModel model, AnalyticsOptions options) =>
        UserActivityReader.ReadAsync(database.Connection, model, 100, UserActivityOrder.TransactionCount, options, CancellationToken.None);

    private static DateTime Day(int day) => new(2025, 1, day, 0, 0, 0, DateTimeKind.Utc);
}
