using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
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
}
