using StreamingPg.Core.Catalog;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Retention;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>What others do to partitions stops no batch, and a batch does nothing to what others have.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PartitionFaultTests(PostgresFixture postgres)
{
    /// <summary>Rows that wait in the default partition, and what somebody has made that would notice if they moved.</summary>
    [Theory]
    [InlineData("CREATE TABLE public.notes AS SELECT transaction_id, transaction_date FROM streaming.transactions; ALTER TABLE public.notes ADD FOREIGN KEY (transaction_id, transaction_date) REFERENCES streaming.transactions ON DELETE CASCADE")]
    [InlineData("CREATE TABLE public.notes AS SELECT transaction_id, transaction_date FROM streaming.transactions; ALTER TABLE public.notes ADD FOREIGN KEY (transaction_id, transaction_date) REFERENCES streaming.transactions")]
    [InlineData("CREATE TABLE public.notes AS SELECT 1; CREATE PUBLICATION changes FOR TABLE streaming.transactions")]
    public async Task Rows_of_the_default_partition_stay_where_somebody_would_notice(string sql)
    {
        await using var database = await CreateAsync();
        var later = DateTime.UtcNow.AddMonths(5);
        await database.ExecuteAsync("INSERT INTO streaming.users SELECT gen_random_uuid(), 'A', 'a@example.com', 30, 'B', '2020-01-01'");
        await database.ExecuteAsync($"INSERT INTO streaming.transactions SELECT gen_random_uuid(), user_id, 1, timestamp '{later:yyyy-MM-dd}', 'new' FROM streaming.users");
        await database.ExecuteAsync(sql);
        var events = new EventList();

        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 1, 1) with { ReferenceTime = later }, events);

        Assert.Single(events.Events, item => item.Name == BatchEvent.PartitionsNotCreated);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM public.notes"));
        Assert.Equal(2, await database.CountAsync("transactions"));
        Assert.InRange(await database.CountAsync("transactions_other"), 1, 2);
    }

    [Fact]
    public async Task A_table_that_was_a_partition_stops_only_the_partition_of_its_name()
    {
        await using var database = await CreateAsync();
        var (one, two) = (Name(1), Name(2));
        await database.ExecuteAsync($"ALTER TABLE streaming.transactions DETACH PARTITION streaming.{one}; DROP TABLE streaming.{two}");
        var events = new EventList();

        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 5, 1), events);

        var refused = Assert.Single(events.Events, item => item.Name == BatchEvent.PartitionsNotCreated);
        Assert.Contains(one, $"{refused}", StringComparison.Ordinal);
        Assert.True(await database.ScalarAsync<bool>($"SELECT to_regclass('streaming.{two}') IS NOT NULL"));
        Assert.Equal(5, await database.CountAsync("transactions"));

        static string Name(int months) => PartitionPeriod.Of(PartitionInterval.Month, DateTime.UtcNow.AddMonths(months)).NameIn("transactions", PartitionInterval.Month);
    }

    [Fact]
    public async Task A_partition_that_is_dropped_meanwhile_is_not_read()
    {
        await using var database = await CreateAsync();
        await using var other = await database.Connection.DataSource.OpenConnectionAsync();
        await using var open = await database.Connection.DataSource.OpenConnectionAsync();
        await using var drop = await other.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("DROP TABLE streaming.transactions_other", other).ExecuteNonQueryAsync();

        var reading = PartitionReader.ReadAsync(open, "streaming", ["transactions"], default);
        while (!reading.IsCompleted && !await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"))
        {
            await Task.Delay(20);
        }

        await drop.CommitAsync();

        Assert.DoesNotContain(await reading, partition => partition.Name == "transactions_other");
    }

    /// <summary>Whoever creates partitions locks the parents first, as a batch uses them first: the two would wait for each other else.</summary>
    [Fact]
    public async Task Partitions_are_not_locked_while_a_parent_is_waited_for()
    {
        await using var database = await CreateAsync();
        await using var writer = await database.Connection.DataSource.OpenConnectionAsync();
        await using var writing = await writer.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("INSERT INTO streaming.users SELECT gen_random_uuid(), 'A', 'a@example.com', 30, 'B', '2020-01-01'", writer).ExecuteNonQueryAsync();

        var loading = BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 1, 1) with { ReferenceTime = DateTime.UtcNow.AddMonths(9) });
        while (!loading.IsCompleted && !await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'streaming.users'::regclass)"))
        {
            await Task.Delay(10);
        }

        Assert.Equal(0L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IN ('streaming.transactions_other'::regclass, 'streaming.detailed_transactions_other'::regclass)"));
        await writing.RollbackAsync();
        await loading;
    }

    /// <summary>A schema that is closed to the role is no error where no table is the tool's.</summary>
    [Fact]
    public async Task A_tool_whose_schema_is_closed_to_the_role_is_passed_over()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, default);
        await database.ExecuteAsync(
            """
            CREATE SCHEMA partman;
            CREATE TABLE partman.part_config (parent_table text);
            SET allow_system_table_mods = on;
            INSERT INTO pg_extension SELECT 99999, 'pg_partman', oid, 'partman'::regnamespace, false, '5.0', NULL, NULL FROM pg_roles WHERE rolname = current_user;
            RESET allow_system_table_mods;
            """);
        var writer = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA streaming TO {role}",
            "GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA streaming TO {role}");

        await BatchHelper.LoadAsync(writer, BatchHelper.Small);

        await database.ExecuteAsync("INSERT INTO partman.part_config VALUES ('streaming.gone')");
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        Assert.Equal(20, await database.CountAsync("users"));
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, new LayoutOptions { PartitionBy = PartitionInterval.Month }, planOnly: false, default);
        return database;
    }
}
