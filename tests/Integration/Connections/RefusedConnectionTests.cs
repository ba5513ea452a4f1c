using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Connections;

[Collection(SharedPostgres.Name)]
public sealed class RefusedConnectionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_wrong_password()
    {
        var error = await FailsAsync(settings => settings.Password = "hunter2");
        Assert.Equal(("AuthenticationFailed", StreamingErrorKind.AuthenticationFailed), (error.ErrorId, error.Kind));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_password_at_all()
    {
        var error = await FailsAsync(settings => settings.Password = null);
        Assert.Equal("PasswordMissing", error.ErrorId);
    }

    [Fact]
    public async Task No_such_database()
    {
        var error = await FailsAsync(settings => settings.Database = "no_such_db");
        Assert.Equal(("DatabaseNotFound", StreamingErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Contains("CREATE DATABASE \"no_such_db\"", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_does_not_exist()
    {
        var error = await FailsAsync(settings => settings.Host = "no-such-host.invalid");
        Assert.Equal("HostNotFound", error.ErrorId);
        Assert.Contains("no-such-host.invalid", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "ConnectionRefused")]
    [InlineData("/no/such/folder", "SocketNotFound")]
    public async Task Nobody_listens(string host, string errorId)
    {
        var error = await FailsAsync(settings => (settings.Host, settings.Port) = (host, 1));
        Assert.Equal((errorId, StreamingErrorKind.ConnectionFailed), (error.ErrorId, error.Kind));
    }

    [Fact]
    public async Task Tls_that_the_server_does_not_offer()
    {
        var server = await postgres.PrivateServerAsync();
        var error = await FailsAsync(settings =>
            (settings.Host, settings.Port, settings.SslMode) = (server.GetStatus().HostName, server.GetStatus().Port!.Value, SslMode.Require));
        Assert.Equal("TlsFailed", error.ErrorId);
    }

    private async Task<StreamingException> FailsAsync(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = postgres.SuperuserSettings;
        var password = settings.Password!;
        change(settings);
        await using var connection = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
        var error = await Assert.ThrowsAsync<StreamingException>(() => connection.OpenAsync(CancellationToken.None).AsTask());
        Assert.NotEmpty(error.Remedy);
        Assert.DoesNotContain(password, error.ToString(), StringComparison.Ordinal);
        return error;
    }
}
