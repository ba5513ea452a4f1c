using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Tests.Unit.Connections;

public sealed class DatabaseConnectionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a-name-that-is-longer-than-the-sixty-three-bytes-which-postgresql-keeps")]
    public void A_schema_name_that_cannot_be_one_is_refused(string schema)
    {
        var error = Assert.Throws<StreamingException>(() => Make("", schema));
        Assert.Equal("InvalidSchemaName", error.ErrorId);
        Assert.Equal(StreamingErrorKind.InvalidInput, error.Kind);

        using var connection = Make("", "fine");
        Assert.Equal("InvalidSchemaName", Assert.Throws<StreamingException>(() => connection.WithSchema(schema)).ErrorId);
    }

    [Fact]
    public void The_password_shows_nowhere()
    {
        using var connection = Make("Password=hunter2;Username=me", "streaming");
        Assert.DoesNotContain("hunter2", connection.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", connection.DataSource.ConnectionString, StringComparison.Ordinal);
        foreach (var property in typeof(DatabaseConnection).GetProperties())
        {
            Assert.DoesNotContain("hunter2", $"{property.GetValue(connection)}", StringComparison.Ordinal);
        }

        Assert.DoesNotContain("hunter2", new ConnectionParameters { Password = "hunter2", ConnectionString = "Password=hunter2" }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_suit_work_that_nobody_watches()
    {
        using var connection = Make("Host=db.example.com", "streaming");
        var settings = connection.CopySettings();
        Assert.StartsWith("StreamingPg/", settings.ApplicationName, StringComparison.Ordinal);
        Assert.Equal(0, settings.CommandTimeout);
        Assert.Equal(30, settings.KeepAlive);
        Assert.True(settings.TcpKeepAlive);
        Assert.True(settings.IncludeErrorDetail);
        Assert.Equal(0, settings.SocketSendBufferSize); // networks find theirs by themselves
    }

    [Theory]
    [InlineData("Host=/run/postgresql", 212_992)]
    [InlineData("Host=/run/postgresql;Socket Send Buffer Size=4096", 4096)]
    public void A_local_socket_holds_enough_rows_for_the_server_to_go_on(string connectionString, int expected)
    {
        using var connection = Make(connectionString, "streaming");
        Assert.Equal((expected, false), (connection.CopySettings().SocketSendBufferSize, connection.CopySettings().TcpKeepAlive));
    }

    [Fact]
    public void What_the_user_set_stays()
    {
        using var connection = Make(
            "Host=db.example.com;Application Name=mine;Command Timeout=5;Keepalive=0;TCP Keepalive=false;Include Error Detail=false;Passfile=/x;Root Certificate=/y",
            "streaming");
        var settings = connection.CopySettings();
        Assert.Equal("mine", settings.ApplicationName);
        Assert.Equal(5, settings.CommandTimeout);
        Assert.Equal(0, settings.KeepAlive);
        Assert.False(settings.TcpKeepAlive);
        Assert.False(settings.IncludeErrorDetail);
        Assert.Equal("/x", settings.Passfile);
        Assert.Equal("/y", settings.RootCertificate);
    }

    private static DatabaseConnection Make(string connectionString, string schema) =>
        new(new NpgsqlConnectionStringBuilder(connectionString), schema, ConnectionSource.Parameter);
}
