using Npgsql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

[Collection(SharedPostgres.Name)]
public sealed class PrivateServerAccessTests(PostgresFixture postgres)
{
    [Fact]
    public async Task It_listens_on_loopback_and_takes_its_own_password_only()
    {
        var server = await postgres.PrivateServerAsync();
        var status = server.GetStatus();
        await using var database = await postgres.CreatePrivateDatabaseAsync();
        Assert.Equal("127.0.0.1", await database.ScalarAsync<string>("SHOW listen_addresses"));
        Assert.Equal("scram-sha-256", await database.ScalarAsync<string>("SHOW password_encryption"));

        foreach (var host in new[] { status.HostName, status.SocketDirectory }.OfType<string>())
        {
            var settings = server.GetConnectionSettings()!;
            (settings.Host, settings.Pooling) = (host, false);
            await using var right = new NpgsqlConnection(settings.ConnectionString);
            await right.OpenAsync();

            settings.Password = "wrong";
            await using var wrong = new NpgsqlConnection(settings.ConnectionString);
            Assert.Equal("28P01", (await Assert.ThrowsAsync<PostgresException>(() => wrong.OpenAsync())).SqlState);
        }
    }

    [Fact]
    public async Task The_password_is_long_and_in_one_file_that_only_the_owner_can_read()
    {
        var server = await postgres.PrivateServerAsync();
        var password = server.GetConnectionSettings()!.Password!;
        Assert.True(password.Length >= 32);
        var file = Assert.Single(
            Directory.EnumerateFiles(server.Path),
            file => File.ReadAllText(file).Contains(password, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }
}
