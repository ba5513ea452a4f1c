using StreamingPg.Core.Connections;
using StreamingPg.Core.Health;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Connections;

/// <summary>Through PgBouncer in transaction mode, where two transactions of a client may meet two sessions of the server.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PgBouncerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Batches_of_several_writers_go_through_a_pooler()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var bouncer = await PgBouncer.StartAsync(database.Settings());
        await using var connection = new DatabaseConnection(bouncer.Settings, database.Connection.Schema, ConnectionSource.Parameter);
        await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);

        await Parallel.ForEachAsync(Enumerable.Range(0, 4), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            await using var writer = new DatabaseConnection(bouncer.Settings, database.Connection.Schema, ConnectionSource.Parameter);
            for (var batch = 0; batch < 10; batch++)
            {
                Assert.Equal(0, (await BatchHelper.LoadAsync(writer, BatchHelper.Small)).Retries);
            }

            await BatchHelper.LoadAsync(writer, BatchHelper.Large with { ChunkSize = 3000, Parallel = 2 });
        });

        Assert.Equal(40L + (4 * 5), await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'"));
        await BatchHelper.AssertSoundAsync(connection);
        await database.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    [Fact]
    public async Task A_full_pool_is_waited_for()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await using var bouncer = await PgBouncer.StartAsync(database.Settings(), patience: 1);
        await using var connection = new DatabaseConnection(bouncer.Settings, database.Connection.Schema, ConnectionSource.Parameter);
        await using var first = await connection.OpenAsync(CancellationToken.None);
        await using var second = await connection.OpenAsync(CancellationToken.None);
        await using var firstHeld = await first.BeginTransactionAsync();
        await using var secondHeld = await second.BeginTransactionAsync();
        foreach (var open in new[] { first, second })
        {
            await using var command = new Npgsql.NpgsqlCommand("SELECT 1", open);
            await command.ExecuteScalarAsync();
        }

        var events = new EventList();
        var loading = BatchHelper.LoadAsync(connection, BatchHelper.Small, events);
        while (!events.Retries.Any() && !loading.IsCompleted)
        {
            await Task.Delay(20);
        }

        await firstHeld.RollbackAsync();
        await secondHeld.RollbackAsync();

        Assert.True((await loading).Retries > 0);
        Assert.All(events.Retries, retry => Assert.Equal("PoolerUnavailable", retry.Error!.ErrorId));
        await database.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    [Fact]
    public async Task Statement_mode_is_named()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await using var bouncer = await PgBouncer.StartAsync(database.Settings(), "statement");
        await using var connection = new DatabaseConnection(bouncer.Settings, database.Connection.Schema, ConnectionSource.Parameter);

        var test = await ConnectionTester.TestAsync(connection, MetadataReader.Default, CancellationToken.None);
        Assert.False(test.Success);
        Assert.Contains("pool_mode", Assert.Single(test.Missing), StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(connection, BatchHelper.Small));
        Assert.Equal("StatementPooling", error.ErrorId);
        var health = new List<HealthResult>();
        await foreach (var result in HealthChecker.CheckAsync(connection, MetadataReader.Default, new HealthOptions(), CancellationToken.None))
        {
            health.Add(result);
        }

        Assert.Equal(HealthStatus.Critical, Assert.Single(health).Status);
        Assert.Contains("pool_mode", health[0].Advice, StringComparison.Ordinal);
        await database.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }
}
