using StreamingPg.Core.Connections;

namespace StreamingPg.Tests.Unit.Connections;

/// <summary>They change the environment of the process, which is nobody else's meanwhile.</summary>
[CollectionDefinition(nameof(ServiceFileTests), DisableParallelization = true)]
public sealed class ServiceFileTestsAlone;

/// <summary>Settings of psql: services, and PGHOST and its family.</summary>
[Collection(nameof(ServiceFileTests))]
public sealed class ServiceFileTests : IDisposable
{
    private const string Secret = "s3cret";

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-service-").FullName;

    public ServiceFileTests()
    {
        Set("PGSERVICEFILE", Path.Combine(_folder, "own.conf"));
        Set("PGSYSCONFDIR", _folder);
    }

    public void Dispose()
    {
        foreach (var name in LibpqVariables.All)
        {
            Set(name, null);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_own_file_goes_before_that_of_the_machine()
    {
        Write("own.conf", "# mine", "[other]", "host=wrong", "", "[shop]", "host = own.example", "port=6001", $"password={Secret}=#1", "sslmode=verify-full", "[third]", "host=wrong");
        Write("pg_service.conf", "[shop]", "host=wrong", "[machine]", "host=machine.example");

        var shop = ServiceFile.Read("shop");
        Assert.Equal(("own.example", 6001, $"{Secret}=#1", Npgsql.SslMode.VerifyFull), (shop.Host, shop.Port, shop.Password, shop.SslMode));
        Assert.Equal("machine.example", ServiceFile.Read("machine").Host);
        Assert.Equal(ErrorIds.ServiceNotFound, Assert.Throws<StreamingException>(() => ServiceFile.Read("none")).ErrorId);
    }

    [Theory]
    [InlineData("port=" + Secret, "Line 2", "its port is invalid")]
    [InlineData("pasword=" + Secret, "Line 2", "\"pasword\" is not supported")]
    [InlineData(Secret, "Line 2", "form name=value")]
    public void An_invalid_line_is_named_and_not_shown(string line, params string[] said)
    {
        Write("own.conf", "[shop]", line);

        var error = Assert.Throws<StreamingException>(() => ServiceFile.Read("shop"));
        Assert.Equal(ErrorIds.InvalidServiceFile, error.ErrorId);
        Assert.All(said, words => Assert.Contains(words, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, $"{error}", StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_fill_what_the_service_leaves_open()
    {
        Assert.False(LibpqVariables.NameDatabase);
        Write("own.conf", "[shop]", "host=own.example");
        Set("PGHOST", "env.example");
        Set("PGPORT", "6002");
        Set("PGSSLMODE", "require");
        Assert.True(LibpqVariables.NameDatabase);
        Assert.Equal(("env.example", 6002, Npgsql.SslMode.Require), Found());

        Set("PGSERVICE", "shop");
        Assert.Equal(("own.example", 6002, Npgsql.SslMode.Require), Found());

        Set("PGPORT", "none");
        Assert.Equal(ErrorIds.InvalidPort, Assert.Throws<StreamingException>(() => LibpqVariables.ToSettings()).ErrorId);

        static (string?, int, Npgsql.SslMode) Found()
        {
            var settings = LibpqVariables.ToSettings();
            return (settings.Host, settings.Port, settings.SslMode);
        }
    }

    [Fact]
    public void A_uri_can_name_a_service()
    {
        Write("own.conf", "[shop]", "host=own.example", "port=6001");

        var settings = ConnectionUri.Parse("postgresql://loader@/shop?service=shop");
        Assert.Equal(("own.example", 6001, "shop", "loader"), (settings.Host, settings.Port, settings.Database, settings.Username));
    }

    private static void Set(string name, string? value) => Environment.SetEnvironmentVariable(name, value);

    private void Write(string file, params string[] lines) => File.WriteAllLines(Path.Combine(_folder, file), lines);
}
