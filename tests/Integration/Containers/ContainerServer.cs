using DotNet.Testcontainers.Builders;
using StreamingPg.Tests.Integration.Infrastructure;
using Testcontainers.PostgreSql;

namespace StreamingPg.Tests.Integration.Containers;

/// <summary>
/// A PostgreSQL container of the image that STREAMINGPG_TEST_IMAGE names, else of docker-compose.yml's. Where no container engine
/// answers, its tests are counted as skipped, with the reason.
/// </summary>
public sealed class ContainerServer : IAsyncLifetime
{
    private const string DefaultImage = "postgres:15";

    private PostgreSqlContainer? _container;
    private string _unavailable = "";

    public async ValueTask InitializeAsync()
    {
        try
        {
            _container = await PostgresContainer.StartAsync(
                Environment.GetEnvironmentVariable(PostgresContainer.ImageVariable) is { Length: > 0 } image ? image : DefaultImage);
        }
        catch (DockerUnavailableException exception)
        {
            _unavailable = exception.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>The container, which runs; skips the test where there is none.</summary>
    public PostgreSqlContainer Container
    {
        get
        {
            Assert.SkipWhen(_container is null, $"No container engine answers, so nothing was tested in a container: {_unavailable}");
            return _container;
        }
    }

    /// <summary>An empty database of the test's own.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        var database = new TestDatabase(
            new Npgsql.NpgsqlConnectionStringBuilder(Container.GetConnectionString()), $"test_{Guid.NewGuid():N}", "streaming");
        await database.CreateAsync();
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }
    }
}
