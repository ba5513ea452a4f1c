using StreamingPg.Core.Health;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A tablespace on a small disk of its own that really runs full.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FullDiskTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_full_disk_fails_at_once_and_nothing_stays()
    {
        Mount.SkipWhereForbidden();
        await using var database = await postgres.CreatePrivateDatabaseAsync();
        var disk = Directory.CreateTempSubdirectory("streamingpg-disk-").FullName;
        await TestProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs", disk);
        try
        {
            var owner = await database.ScalarAsync<string>("SELECT current_setting('data_directory')");
            await TestProcess.RunAsync("chown", $"--reference={owner}", disk);
            await database.ExecuteAsync($"CREATE TABLESPACE small LOCATION '{disk}'");
            await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
            await database.ExecuteAsync("ALTER TABLE streaming.detailed_transactions SET TABLESPACE small");
            await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
            var events = new EventList();

            var error = await Assert.ThrowsAsync<StreamingException>(() =>
                BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(1000, 3000, 95_000), events));

            Assert.Equal(("DiskFull", "53100"), (error.ErrorId, error.SqlState));
            Assert.Empty(events.Retries);
            var full = await HealthOfAsync(database, disk);
            Assert.Equal(HealthStatus.Critical, full.Status);
            Assert.Contains("of 4 MB are free", full.Advice, StringComparison.Ordinal);
            Assert.Equal(1L, await database.CountAsync(LedgerTable.Name));
            await BatchHelper.AssertSoundAsync(database.Connection);
            await database.ExecuteAsync("DROP SCHEMA streaming CASCADE");
            await database.ExecuteAsync("DROP TABLESPACE small");
        }
        finally
        {
            await TestProcess.RunAsync("umount", "-l", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task<HealthResult> HealthOfAsync(TestDatabase database, string folder)
    {
        var results = new List<HealthResult>();
        await foreach (var result in HealthChecker.CheckAsync(database.Connection, MetadataReader.Default, new HealthOptions(), CancellationToken.None))
        {
            results.Add(result);
        }

        return results.Single(result => result is { Check: HealthCheck.FreeDisk } && result.Object == folder);
    }
}
