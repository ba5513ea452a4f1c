using System.Text.Json;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class ConnectionTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_wrong_password_gives_the_remedy_and_shows_no_password()
    {
        var settings = postgres.SuperuserSettings;
        settings.Password = "hunter2-wrong";
        var result = (await StreamingPgProgram.On(settings).RunAsync("check")).Expect(1);

        Assert.StartsWith("streamingpg: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("password", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hunter2", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_is_a_JSON_line_when_JSON_is_asked_for()
    {
        var settings = postgres.SuperuserSettings;
        settings.Database = "no_such_database";
        var result = (await StreamingPgProgram.On(settings).RunAsync("growth", "--json")).Expect(1);

        var error = JsonDocument.Parse(result.Error).RootElement.GetProperty("error");
        Assert.Equal("NotFound", error.GetProperty("kind").GetString());
        Assert.Contains("no_such_database", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.GetProperty("remedy").GetString()!);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Without_any_setting_the_error_says_how_to_get_a_database()
    {
        var result = (await new StreamingPgProgram().RunAsync("growth")).Expect(1);
        Assert.Contains("streamingpg server start", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_variables_of_the_original_name_the_database()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var settings = database.Settings();
        var program = new StreamingPgProgram()
            .With("POSTGRES_HOST", settings.Host!).With("POSTGRES_PORT", $"{settings.Port}")
            .With("POSTGRES_USER", settings.Username!).With("POSTGRES_PASSWORD", settings.Password!)
            .With("POSTGRES_DB", settings.Database!).With("POSTGRES_SCHEMA", "shop");

        (await program.RunAsync("init")).Expect(0);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.users"));
    }

    [Fact]
    public async Task A_password_file_is_read()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, database.Settings().Password + "\n");
            (await StreamingPgProgram.On(database.Settings()).With("PGPASSWORD", "").RunAsync("init", "--password-file", file)).Expect(0);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_test_command_says_what_is_missing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        var before = Assert.Single((await program.RunAsync("test", "--json")).Json());
        Assert.False(before.GetProperty("schema_exists").GetBoolean());

        (await program.RunAsync("init")).Expect(0);
        var after = Assert.Single((await program.RunAsync("test", "--json")).Expect(0).Json());
        Assert.True(after.GetProperty("schema_exists").GetBoolean());
        Assert.True(after.GetProperty("can_load").GetBoolean());
        Assert.True(after.GetProperty("latency").GetDouble() > 0);
    }

    [Fact]
    public async Task The_private_server_is_shown_and_used()
    {
        var server = await postgres.PrivateServerAsync();
        var program = new StreamingPgProgram().With("STREAMINGPG_SERVER_PATH", server.Path);
        var status = Assert.Single((await program.RunAsync("server", "status", "--json")).Expect(0).Json());
        Assert.Equal("Running", status.GetProperty("state").GetString());
        Assert.Equal(server.GetStatus().Port, status.GetProperty("port").GetInt32());

        var test = Assert.Single((await program.RunAsync("test", "--json")).Json());
        Assert.Equal("PrivateServer", test.GetProperty("source").GetString());
    }
}
