using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Over a network a small batch costs what its round trips cost.</summary>
[Collection(SharedPostgres.Name)]
public sealed class RoundTripTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(ForeignKeyCheck.Auto)]
    [InlineData(ForeignKeyCheck.Set)]
    public async Task A_warm_small_batch_takes_two_round_trips(ForeignKeyCheck check)
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        await using var proxy = new FaultyProxy(database.Settings());
        await using var connection = new DatabaseConnection(proxy.Through(database.Settings()), "streaming", ConnectionSource.Parameter);
        var options = BatchHelper.Small with { ForeignKeyCheck = check };
        await BatchHelper.LoadAsync(connection, options);
        await BatchHelper.LoadAsync(connection, options);

        var before = proxy.RoundTrips;
        await BatchHelper.LoadAsync(connection, options);

        Assert.Equal(2, proxy.RoundTrips - before);
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task The_server_itself_refuses_to_commit_rows_that_failed_their_verification()
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        await database.ExecuteAsync(
            """
            CREATE FUNCTION streaming.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER lose BEFORE INSERT ON streaming.detailed_transactions FOR EACH ROW EXECUTE FUNCTION streaming.lose()
            """);
        await using var proxy = new FaultyProxy(database.Settings());
        await using var connection = new DatabaseConnection(proxy.Through(database.Settings()), "streaming", ConnectionSource.Parameter);

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(connection, BatchHelper.Small with { ForeignKeyCheck = ForeignKeyCheck.Row }));

        Assert.Equal(ErrorIds.VerificationFailed, error.ErrorId);
        Assert.Contains("the server has 0 of them", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.users"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger"));
    }
}
