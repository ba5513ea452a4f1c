using StreamingPg.Tests.Net8;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>
/// PowerShell 7.4 loads the libraries made for .NET 8, and runs on it. The workflow on GitHub runs all tests in it; where it cannot be had,
/// the engine at least runs on its .NET, which comes as a package.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class Net8Tests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_engine_does_the_same_on_the_NET_of_PowerShell_7_4()
    {
        var folder = Directory.CreateTempSubdirectory("streamingpg-net8-").FullName;
        try
        {
            await using var older = await postgres.CreateDatabaseAsync();
            await using var current = await postgres.CreateDatabaseAsync();
            var lines = await Net8Program.RunAsync(older.Settings().ConnectionString, "engine", Path.Combine(folder, "8"));

            Assert.StartsWith(".NET 8.", lines[0], StringComparison.Ordinal);
            var expected = new List<string>();
            await foreach (var line in EngineRun.RunAsync(current.Connection, Path.Combine(folder, "current")))
            {
                expected.Add(line.Trim());
            }

            Assert.Contains("6000 rows loaded", expected);
            Assert.Equal(expected, lines.Skip(1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
