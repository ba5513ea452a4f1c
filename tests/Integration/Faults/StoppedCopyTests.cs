using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A batch that is stopped while the server is busy with rows that it has, such as with a trigger, leaves nothing that goes on there.</summary>
[Collection(SecondPostgres.Name)]
public sealed class StoppedCopyTests(PostgresFixture postgres)
{
    private const string Busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY %' AND wait_event = 'PgSleep'";

    [Fact]
    public async Task Server_ends_a_trigger_of_rows_that_nobody_waits_for()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(600); RETURN NULL; END';
            CREATE TRIGGER slow AFTER INSERT ON streaming.users FOR EACH STATEMENT EXECUTE FUNCTION slow();
            """);
        using var stop = new CancellationTokenSource();

        var batch = BatchRunner.RunAsync(database.Connection, MetadataReader.Default, BatchHelper.Of(5000, 0, 0), progress: null, stop.Token);
        await UntilAsync(database, busy: true);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch);

        await UntilAsync(database, busy: false);
        Assert.Equal(0, await database.CountAsync("users"));
    }

    private static async Task UntilAsync(TestDatabase database, bool busy)
    {
        using var limit = new CancellationTokenSource(TestProcess.Patience);
        while (await database.ScalarAsync<long>(Busy) > 0 != busy)
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
