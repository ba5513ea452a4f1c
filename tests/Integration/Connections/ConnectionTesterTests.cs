using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Connections;

[Collection(SharedPostgres.Name)]
public sealed class ConnectionTesterTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("streaming")]
    [InlineData("a\"b; drop table x")]
    public async Task What_is_missing_is_named_until_the_schema_is_made(string schema)
    {
        await using var database = await postgres.CreateDatabaseAsync(schema);
        var before = await TestAsync(database.Connection);
        Assert.False(before.Success);
        Assert.False(before.SchemaExists);
        Assert.True(before.CanCreate);
        Assert.Contains("Initialize-StreamingSchema", Assert.Single(before.Missing), StringComparison.Ordinal);

        await database.ExecuteAsync($"CREATE SCHEMA {Identifier.Quote(schema)}");
        var empty = await TestAsync(database.Connection);
        Assert.True(empty.SchemaExists);
        Assert.Equal(4, empty.Missing.Count);
        Assert.All(empty.Missing, sentence => Assert.Contains("does not exist", sentence, StringComparison.Ordinal));

        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var whole = await TestAsync(database.Connection);
        var took = clock.Elapsed;
        Assert.Empty(whole.Missing);
        Assert.True(whole is { Success: true, CanLoad: true, CanCreate: true, CanCheckBySet: true });
        Assert.Equal(await database.ScalarAsync<string>("SHOW server_version"), whole.ServerVersion);
        Assert.Equal("none", whole.Tls);
        Assert.Equal("streaming", whole.UserName);
        Assert.InRange(whole.Latency!.Value, TimeSpan.FromTicks(1), took);
    }

    [Fact]
    public async Task A_role_without_rights_is_told_which_grants_help_and_they_do()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await using var plain = await database.ConnectAsPlainRoleAsync();

        for (var round = 0; round < 3; round++)
        {
            var found = await TestAsync(plain);
            if (found.Success)
            {
                break;
            }

            Assert.False(found.CanLoad);
            foreach (var sentence in found.Missing)
            {
                await database.ExecuteAsync(sentence[sentence.IndexOf("GRANT", StringComparison.Ordinal)..]);
            }
        }

        var granted = await TestAsync(plain);
        Assert.Empty(granted.Missing);
        Assert.True(granted.CanLoad);
        Assert.False(granted.CanCheckBySet);
    }

    [Fact]
    public async Task The_right_to_check_by_set_is_seen_when_it_is_granted()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await using var plain = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA streaming TO {role}",
            "GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA streaming TO {role}");
        Assert.True(await TestAsync(plain) is { Success: true, CanCheckBySet: false, CanCreate: false });

        if (await database.MajorVersionAsync() >= 15)
        {
            await database.ExecuteAsync($"GRANT SET ON PARAMETER session_replication_role TO {Identifier.Quote(plain.UserName)}");
            Assert.True((await TestAsync(plain)).CanCheckBySet);
            await database.ExecuteAsync($"REVOKE SET ON PARAMETER session_replication_role FROM {Identifier.Quote(plain.UserName)}");
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_a_result()
    {
        await using var nowhere = new DatabaseConnection(new() { Host = "127.0.0.1", Port = 1 }, "streaming", ConnectionSource.Parameter);
        var found = await TestAsync(nowhere);
        Assert.False(found.Success);
        Assert.Null(found.ServerVersion);
        Assert.Null(found.Latency);
        Assert.Contains("Start-StreamingServer", Assert.Single(found.Missing), StringComparison.Ordinal);
    }

    private static Task<ConnectionTest> TestAsync(DatabaseConnection connection) =>
        ConnectionTester.TestAsync(connection, MetadataReader.Default, CancellationToken.None);
}
