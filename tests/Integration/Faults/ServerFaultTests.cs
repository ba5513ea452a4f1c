using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>What a server can say or do in the middle of a batch: the passing is repeated, the rest fails at once.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ServerFaultTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_terminated_session_is_repeated()
    {
        await using var database = await CreateAsync();
        await using var blocker = await LockAsync(database, "users");
        var events = new EventList();
        var loading = BatchHelper.LoadAsync(database.Connection, BatchHelper.Small, events);
        var blocked = await BlockedAsync(database);

        await database.ExecuteAsync("SELECT pg_terminate_backend($1)", blocked);
        await blocker.DisposeAsync();
        var result = await loading;

        Assert.Equal(1, result.Retries);
        Assert.Equal("57P01", Assert.Single(events.Retries).Error!.SqlState);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task The_victim_of_a_deadlock_is_repeated()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync(
            """
            CREATE FUNCTION streaming.hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(4712); RETURN NULL; END';
            CREATE TRIGGER hold AFTER INSERT ON streaming.users FOR EACH STATEMENT EXECUTE FUNCTION streaming.hold();
            """);
        await using var gate = await database.Connection.OpenAsync(CancellationToken.None);
        await ExecuteAsync(gate, "SELECT pg_advisory_lock(4712)");
        await using var other = await LockAsync(database, "transactions");
        var events = new EventList();
        var loading = BatchHelper.LoadAsync(database.Connection, BatchHelper.Large, events);
        await BlockedAsync(database);

        // The batch has written users, for which the other one waits now, with more patience. When the gate opens, the batch waits for transactions:
        // whoever waits last looks for a deadlock when both do.
        await ExecuteAsync(other, "SET deadlock_timeout = '4min'");
        var waiting = ExecuteAsync(other, $"LOCK TABLE {database.Connection.Quote("users")} IN EXCLUSIVE MODE");
        await BlockedAsync(database, sessions: 2);
        await ExecuteAsync(gate, "SELECT pg_advisory_unlock(4712)");
        await waiting;
        await other.DisposeAsync();
        var result = await loading;

        Assert.Equal(1, result.Retries);
        Assert.Equal("40P01", Assert.Single(events.Retries).Error!.SqlState);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory]
    [InlineData("40001")]
    [InlineData("55P03")]
    [InlineData("53200")]
    [InlineData("25P03")]
    [InlineData("25P04")]
    public async Task A_passing_error_of_the_server_is_repeated(string sqlState)
    {
        await using var database = await CreateAsync();
        await RaiseAsync(database, sqlState, times: 2);
        var events = new EventList();

        var result = await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small, events);

        Assert.Equal(2, result.Retries);
        Assert.All(events.Retries, retry => Assert.Equal(sqlState, retry.Error!.SqlState));
        Assert.Equal(2, await database.ScalarAsync<int>($"SELECT retries FROM {database.Connection.Quote(LedgerTable.Name)}"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory]
    [InlineData("23514", "CheckViolation")]
    [InlineData("53100", "DiskFull")]
    [InlineData("42501", "PermissionDenied")]
    public async Task What_does_not_pass_fails_at_once(string sqlState, string errorId)
    {
        await using var database = await CreateAsync();
        await RaiseAsync(database, sqlState, times: 1);
        var events = new EventList();

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(database.Connection, BatchHelper.Small, events));

        Assert.Equal((errorId, sqlState), (error.ErrorId, error.SqlState));
        Assert.Empty(events.Retries);
        Assert.Equal(0L, await database.CountAsync(LedgerTable.Name));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_statement_timeout_fails_at_once_and_the_next_batch_is_sound()
    {
        await using var database = await CreateAsync();
        await using var hurried = new DatabaseConnection(
            new NpgsqlConnectionStringBuilder(database.Settings().ConnectionString) { Options = "-c statement_timeout=5000" },
            database.Connection.Schema,
            ConnectionSource.Parameter);
        await using (await LockAsync(database, "users"))
        {
            var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(hurried, BatchHelper.Small));
            Assert.Equal("StatementCanceled", error.ErrorId);
        }

        Assert.Equal(0, (await BatchHelper.LoadAsync(hurried, BatchHelper.Small with { MaxRetry = 0 })).Retries);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_batch_waits_until_a_connection_is_free()
    {
        await using var database = await CreateAsync();
        var connection = await database.ConnectAsPlainRoleAsync(
            "ALTER ROLE {role} CONNECTION LIMIT 1", "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT ALL ON ALL TABLES IN SCHEMA streaming TO {role}", "GRANT ALL ON ALL SEQUENCES IN SCHEMA streaming TO {role}");
        var events = new EventList();
        var only = await connection.OpenAsync(CancellationToken.None);
        var loading = BatchHelper.LoadAsync(connection, BatchHelper.Small with { MaxRetry = 20 }, events);
        await WaitAsync(() => Task.FromResult(events.Retries.Any()));
        await only.DisposeAsync();
        var result = await loading;

        Assert.InRange(result.Retries, 1, 20);
        Assert.All(events.Retries, retry => Assert.Equal("TooManyConnections", retry.Error!.ErrorId));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_parent_deleted_meanwhile_is_replaced_by_another()
    {
        await using var database = await CreateAsync();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1, 0, 0));
        await using var deleter = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await deleter.BeginTransactionAsync();
        await ExecuteAsync(deleter, $"DELETE FROM {database.Connection.Quote("users")}");
        await ExecuteAsync(deleter, $"UPDATE {database.Connection.Quote(LedgerTable.Name)} SET rows = '{{}}'");
        var loading = BatchHelper.LoadAsync(
            database.Connection, BatchHelper.Of(5, 20, 0) with { ForeignKeyCheck = ForeignKeyCheck.Row, ExistingRatio = 1 });
        await BlockedAsync(database);
        await transaction.CommitAsync();
        var result = await loading;

        Assert.Equal((25L, 1), (result.TotalRows, result.Retries));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }

    /// <summary>An insert into users fails with an error the first few times; a sequence counts them, which no rollback takes back.</summary>
    internal static async Task RaiseAsync(TestDatabase database, string sqlState, int times) => await database.ExecuteAsync($"""
        CREATE SEQUENCE streaming.failures;
        CREATE FUNCTION streaming.fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('streaming.failures') <= {times} THEN RAISE SQLSTATE '{sqlState}' USING MESSAGE = 'planted'; END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER fail AFTER INSERT ON streaming.users FOR EACH STATEMENT EXECUTE FUNCTION streaming.fail();
        """);

    /// <summary>A session that keeps a table locked until it is disposed.</summary>
    private static async Task<NpgsqlConnection> LockAsync(TestDatabase database, string table)
    {
        var settings = database.Settings();
        settings.Pooling = false;
        var open = new NpgsqlConnection(settings.ConnectionString);
        await open.OpenAsync();
        await ExecuteAsync(open, "BEGIN");
        await ExecuteAsync(open, $"LOCK TABLE {database.Connection.Quote(table)} IN EXCLUSIVE MODE");
        return open;
    }

    private static async Task ExecuteAsync(NpgsqlConnection open, string sql)
    {
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until so many sessions wait for a lock; gives the process id of one.</summary>
    private static async Task<int> BlockedAsync(TestDatabase database, int sessions = 1)
    {
        var found = 0;
        await WaitAsync(async () =>
        {
            found = await database.ScalarAsync<int>(
                "SELECT CASE WHEN count(*) >= $1 THEN max(pid) ELSE 0 END FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", sessions);
            return found != 0;
        });
        return found;
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TestProcess.Patience);
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
