using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Connections;

/// <summary>The server of the tests, through a proxy that has it say another version.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ServerVersionTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("12")]
    [InlineData("13")]
    public async Task An_older_server_is_refused_by_name(string major)
    {
        await using var proxy = new FaultyProxy(postgres.SuperuserSettings) { PretendedMajor = major };
        await using var connection = Through(proxy);

        var error = await Assert.ThrowsAsync<StreamingException>(() => connection.OpenAsync(CancellationToken.None).AsTask());

        Assert.Equal(("ServerVersionNotSupported", StreamingErrorKind.ConnectionFailed), (error.ErrorId, error.Kind));
        Assert.Contains($"the server is PostgreSQL {major}.", error.Message, StringComparison.Ordinal);
        Assert.Contains("supports PostgreSQL 14 to 18", error.Message, StringComparison.Ordinal);
        Assert.Contains("Upgrade the server", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("14")]
    [InlineData("19")]
    public async Task From_the_oldest_supported_version_on_none_is_refused(string major)
    {
        await using var proxy = new FaultyProxy(postgres.SuperuserSettings) { PretendedMajor = major };
        await using var connection = Through(proxy);
        await using var opened = await connection.OpenAsync(CancellationToken.None);
        Assert.Equal(int.Parse(major, System.Globalization.CultureInfo.InvariantCulture), opened.PostgreSqlVersion.Major);
    }

    [Fact]
    public async Task A_test_of_the_connection_says_so()
    {
        await using var proxy = new FaultyProxy(postgres.SuperuserSettings) { PretendedMajor = "13" };
        await using var connection = Through(proxy);

        var test = await ConnectionTester.TestAsync(connection, MetadataReader.Default, CancellationToken.None);

        Assert.False(test.Success);
        Assert.Contains("the server is PostgreSQL 13.", Assert.Single(test.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_makes_nothing_on_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var proxy = new FaultyProxy(postgres.SuperuserSettings) { PretendedMajor = "13" };

        var result = await StreamingPgProgram.On(proxy.Through(database.Settings())).RunAsync("init");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("the server is PostgreSQL 13.", result.Error, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'streaming'"));
    }

    private DatabaseConnection Through(FaultyProxy proxy) =>
        new(proxy.Through(postgres.SuperuserSettings), SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
}
