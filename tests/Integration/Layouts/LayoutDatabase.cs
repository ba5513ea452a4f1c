using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>How the default tables of a test are stored.</summary>
public enum Layout
{
    Plain,
    Partitioned,
    Distributed,
    DistributedAndPartitioned,
}

/// <summary>
/// Databases whose default tables are stored in a layout. Those of Citus need a server in STREAMINGPG_TEST_CONNECTION that has loaded it;
/// STREAMINGPG_TEST_CITUS_WORKERS can name its workers (host:port, separated by commas), else the coordinator has all shards itself.
/// </summary>
internal static class LayoutDatabase
{
    private const string Workers = "STREAMINGPG_TEST_CITUS_WORKERS";

    // Known before a test begins, so that one skipped test speaks for all that are not there.
    private static readonly Lazy<bool> Citus = new(IsCitusLoaded);

    public static bool HasCitus => Citus.Value;

    /// <summary>The layouts that the server of the test run can have.</summary>
    public static IEnumerable<Layout> Layouts => Enum.GetValues<Layout>().Where(layout => HasCitus || !IsOfCitus(layout));

    public static async Task<TestDatabase> CreateAsync(PostgresFixture postgres, Layout layout)
    {
        var isDistributed = IsOfCitus(layout);
        var database = await postgres.CreateDatabaseAsync();
        try
        {
            if (isDistributed)
            {
                await BeginClusterAsync(database);
            }

            var options = new LayoutOptions
            {
                PartitionBy = layout is Layout.Partitioned or Layout.DistributedAndPartitioned ? PartitionInterval.Month : null,
                Distributed = isDistributed,
            };
            await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, options, planOnly: false, CancellationToken.None);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static bool IsOfCitus(Layout layout) => layout is Layout.Distributed or Layout.DistributedAndPartitioned;

    private static bool IsCitusLoaded()
    {
        if (Environment.GetEnvironmentVariable(PostgresFixture.ConnectionVariable) is not { Length: > 0 } connection)
        {
            return false;
        }

        using var open = new NpgsqlConnection(connection);
        open.Open();
        using var command = new NpgsqlCommand(
            "SELECT current_setting('shared_preload_libraries') LIKE '%citus%' AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citus')", open);
        return (bool)command.ExecuteScalar()!;
    }

    private static async Task BeginClusterAsync(TestDatabase database)
    {
        var settings = database.Settings();
        await database.ExecuteAsync("CREATE EXTENSION citus");
        await database.ExecuteAsync("SELECT citus_set_coordinator_host($1, $2)", settings.Host!, settings.Port);
        var workers = (Environment.GetEnvironmentVariable(Workers) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        foreach (var worker in workers.Select(worker => worker.Split(':')))
        {
            var (host, port) = (worker[0], int.Parse(worker[1], System.Globalization.CultureInfo.InvariantCulture));
            await RunAsync(new(settings.ConnectionString) { Host = host, Port = port, Database = "postgres", Pooling = false }, $"CREATE DATABASE {database.Name}");
            await RunAsync(new(settings.ConnectionString) { Host = host, Port = port, Pooling = false }, "CREATE EXTENSION citus");
            await database.ExecuteAsync("SELECT citus_add_node($1, $2)", host, port);
        }

        if (workers.Length == 0)
        {
            await database.ExecuteAsync("SELECT citus_set_node_property($1, $2, 'shouldhaveshards', true)", settings.Host!, settings.Port);
        }
    }

    private static async Task RunAsync(NpgsqlConnectionStringBuilder settings, string sql)
    {
        await using var open = new NpgsqlConnection(settings.ConnectionString);
        await open.OpenAsync();
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }
}
