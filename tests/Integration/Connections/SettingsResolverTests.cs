using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Connections;

[Collection(SharedPostgres.Name)]
public sealed class SettingsResolverTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string[] Names = ["HOST", "PORT", "USER", "PASSWORD", "DB", "SCHEMA"];

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-dotenv-").FullName;
    private readonly Dictionary<string, string?> _before =
        Names.ToDictionary(name => name, name => Environment.GetEnvironmentVariable("POSTGRES_" + name));

    private PrivateServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await postgres.PrivateServerAsync();
        foreach (var name in Names)
        {
            SetVariable(name, null);
        }
    }

    [Fact]
    public async Task Each_source_gives_way_to_the_one_before_it()
    {
        using var privately = Resolve(new());
        Assert.Equal((ConnectionSource.PrivateServer, "streaming_db", "streaming"), (privately.Source, privately.Database, privately.Schema));
        await using (await privately.OpenAsync(CancellationToken.None))
        {
        }

        WriteDotEnv("POSTGRES_HOST=dot.example\nPOSTGRES_PORT=6001\nPOSTGRES_DB=dotdb\nPOSTGRES_SCHEMA=dotschema");
        using var dotEnv = Resolve(new());
        Assert.Equal(
            (ConnectionSource.DotEnv, "dot.example", 6001, "dotdb", "dotschema"),
            (dotEnv.Source, dotEnv.HostName, dotEnv.Port, dotEnv.Database, dotEnv.Schema));
        Assert.Null(Environment.GetEnvironmentVariable("POSTGRES_HOST"));

        SetVariable("HOST", "env.example");
        SetVariable("USER", "envuser");
        using var environment = Resolve(new());
        Assert.Equal(
            (ConnectionSource.Environment, "env.example", 5432, "", "envuser", "dotschema"),
            (environment.Source, environment.HostName, environment.Port, environment.Database, environment.UserName, environment.Schema));

        using var session = new DatabaseConnection(new() { Host = "session.example", Database = "s" }, "sessionschema", ConnectionSource.Session);
        using var fromSession = Resolve(new(), session);
        Assert.Equal((ConnectionSource.Session, "session.example", "sessionschema"), (fromSession.Source, fromSession.HostName, fromSession.Schema));

        using var given = Resolve(new() { HostName = "given.example", Database = "g", Schema = "givenschema" }, session);
        Assert.Equal(
            (ConnectionSource.Parameter, "given.example", "g", "", "givenschema"),
            (given.Source, given.HostName, given.Database, given.UserName, given.Schema));

        using var text = Resolve(new() { ConnectionString = "Host=text.example;Database=t" }, session);
        Assert.Equal((ConnectionSource.Parameter, "text.example", "t"), (text.Source, text.HostName, text.Database));
    }

    [Fact]
    public void A_uri_stands_for_a_host_or_a_connection_string()
    {
        using var host = Resolve(new() { HostName = "postgres://loader:s%40cret@db.example:6003/shop?sslmode=verify-full", Password = "other" });
        Assert.Equal(("db.example", 6003, "shop", "loader"), (host.HostName, host.Port, host.Database, host.UserName));
        Assert.Equal(("other", Npgsql.SslMode.VerifyFull), (host.CopySettings().Password, host.CopySettings().SslMode));

        using var text = Resolve(new() { ConnectionString = "postgresql:///shop?host=/run/postgresql&application_name=mine" });
        Assert.Equal(("/run/postgresql", "shop"), (text.HostName, text.Database));

        SetVariable("HOST", "postgresql://loader:secret@env.example/envdb");
        using var environment = Resolve(new());
        Assert.Equal(("env.example", "envdb", "secret"), (environment.HostName, environment.Database, environment.CopySettings().Password));

        foreach (var broken in new[]
        {
            "postgres://loader:sec@ret@db.example:nothing/shop", "postgres://loader:secret@db.example/shop?sslmode=secret",
            "https://loader:secret@db.example", "loader:secret@db.example", "postgres://loader:secret@db.example/shop?odd=secret",
        })
        {
            var error = Assert.Throws<StreamingException>(() => Resolve(new() { HostName = broken }));
            Assert.Contains(error.ErrorId, new[] { ErrorIds.InvalidConnectionString, ErrorIds.InvalidHostName });
            Assert.DoesNotContain("ret", error.ToString(), StringComparison.Ordinal);
        }
    }

    /// <summary>libpq does not read a password file that others may read.</summary>
    [Fact]
    public async Task A_password_file_that_others_may_read_is_not_read()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such rights.");
            return;
        }

        using var running = Resolve(new());
        var file = Path.Combine(_folder, "passwords");
        await File.WriteAllTextAsync(file, $"*:*:*:{running.UserName}:{running.CopySettings().Password}\n");
        var settings = running.CopySettings();
        settings.Password = null;
        settings.Passfile = file;

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var own = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter))
        {
            await using var open = await own.OpenAsync(CancellationToken.None);
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using var shared = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
        var error = await Assert.ThrowsAsync<StreamingException>(async () => await shared.OpenAsync(CancellationToken.None));
        Assert.Equal(StreamingErrorKind.AuthenticationFailed, error.Kind);
        Assert.Contains($"chmod 600 {file}", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_parameter_completes_the_source_below()
    {
        SetVariable("HOST", "env.example");
        SetVariable("PORT", "6002");
        SetVariable("USER", "envuser");
        SetVariable("PASSWORD", "envpassword");
        SetVariable("DB", "envdb");

        using var schema = Resolve(new() { Schema = "mine" });
        Assert.Equal((ConnectionSource.Environment, "envdb", "mine"), (schema.Source, schema.Database, schema.Schema));

        using var database = Resolve(new() { Database = "mydb" });
        Assert.Equal(
            (ConnectionSource.Parameter, "env.example", 6002, "mydb", "envpassword"),
            (database.Source, database.HostName, database.Port, database.Database, database.CopySettings().Password));

        using var role = Resolve(new() { UserName = "other" });
        Assert.Equal(("env.example", "other"), (role.HostName, role.UserName));
        Assert.Null(role.CopySettings().Password);
    }

    [Fact]
    public void A_lone_password_in_the_environment_names_no_database()
    {
        SetVariable("PASSWORD", "x");
        using var connection = Resolve(new());
        Assert.Equal(ConnectionSource.PrivateServer, connection.Source);
    }

    [Fact]
    public void Dotenv_values_are_taken_as_they_stand()
    {
        WriteDotEnv("# a comment\nexport POSTGRES_HOST=\"dot.example\"\nPOSTGRES_PASSWORD='p$HOME#;=\"q'\nPOSTGRES_USER=\n");
        using var connection = Resolve(new());
        Assert.Equal(("dot.example", "", "p$HOME#;=\"q"), (connection.HostName, connection.UserName, connection.CopySettings().Password));
    }

    [Fact]
    public void Without_any_source_the_error_says_how_to_get_one()
    {
        var error = Assert.Throws<StreamingException>(() => SettingsResolver.Resolve(new(), _folder, null, new PrivateServer(Path.Combine(_folder, "none"))));
        Assert.Equal(StreamingErrorKind.NotConfigured, error.Kind);
        Assert.All(
            ["Start-StreamingServer", "streamingpg server start", "Connect-StreamingDatabase", "POSTGRES_HOST", ".env"],
            way => Assert.Contains(way, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Host=h;Password=hunter;hunter2=1")]
    [InlineData("mysql://me:hunter2@host/db")]
    [InlineData("Host=h;Port=hunter2")]
    [InlineData("Host=h;Port=1;Keepalive=hunter2")]
    public void A_connection_string_that_cannot_be_read_is_not_quoted(string text)
    {
        var error = Assert.Throws<StreamingException>(() => Resolve(new() { ConnectionString = text }));
        Assert.Equal("InvalidConnectionString", error.ErrorId);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        Assert.Equal("InvalidSslMode", Fails(new() { HostName = "h", SslMode = "Sometimes" }));
        Assert.Equal("InvalidPort", Fails(new() { HostName = "h", Port = 70000 }));
        Assert.Equal("InvalidSchemaName", Fails(new() { HostName = "h", Schema = "" }));
        Assert.Equal("ConnectionStringNotAlone", Fails(new() { ConnectionString = "Host=h", Database = "d" }));
        SetVariable("HOST", "h");
        SetVariable("PORT", "five");
        Assert.Equal("InvalidPort", Fails(new()));
    }

    public ValueTask DisposeAsync()
    {
        foreach (var (name, value) in _before)
        {
            SetVariable(name, value);
        }

        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void SetVariable(string name, string? value) => Environment.SetEnvironmentVariable("POSTGRES_" + name, value);

    private string Fails(ConnectionParameters parameters) => Assert.Throws<StreamingException>(() => Resolve(parameters)).ErrorId;

    private void WriteDotEnv(string text) => File.WriteAllText(Path.Combine(_folder, ".env"), text);

    private DatabaseConnection Resolve(ConnectionParameters parameters, DatabaseConnection? session = null) =>
        SettingsResolver.Resolve(parameters, _folder, session, _server);
}
