using System.Diagnostics;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

[Collection(SharedPostgres.Name)]
public sealed class PrivateServerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_second_start_and_a_second_session_meet_the_same_server()
    {
        var first = postgres.Server.GetStatus();
        var again = await postgres.Server.StartAsync(CancellationToken.None);
        var found = new PrivateServer(postgres.Server.Path).GetStatus();

        Assert.Equal(ServerState.Running, first.State);
        Assert.Equal(first, again);
        Assert.Equal(first, found);
    }

    [Fact]
    public async Task A_database_of_the_tests_own()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Assert.Equal(database.Name, await database.ScalarAsync<string>("SELECT current_database()::text"));
    }
}
