using System.Diagnostics;
using System.Globalization;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A name server that fails for a while, as the command line sees it from a mount namespace with files of its own.</summary>
[Collection(SharedPostgres.Name)]
public sealed class NameServerTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_name_that_cannot_be_looked_up_for_a_while_is_tried_again()
    {
        Mount.SkipWhereForbidden();
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        var folder = Directory.CreateTempSubdirectory("streamingpg-names-").FullName;
        var (resolver, hosts) = (Path.Combine(folder, "resolv.conf"), Path.Combine(folder, "hosts"));
        await File.WriteAllTextAsync(resolver, "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
        await File.WriteAllTextAsync(hosts, "");
        var settings = database.Settings();
        var start = new ProcessStartInfo("unshare", [
            "-m", "sh", "-c", "mount --bind \"$1\" /etc/resolv.conf && mount --bind \"$2\" /etc/hosts && shift 2 && exec dotnet \"$@\"", "sh",
            resolver, hosts, StreamingPgProgram.Assembly, "batch", "--max-retry", "20",
            "--host", "db.streamingpg.example", "--port", settings.Port.ToString(CultureInfo.InvariantCulture),
            "--database", settings.Database!, "--username", settings.Username!])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        StreamingPgProgram.RemoveSettings(start.Environment);
        start.Environment["PGPASSWORD"] = settings.Password;
        using var process = TestProcess.Start(start);

        Assert.Contains("Retry 1 of at most 20", await process.StandardError.NextLineAsync(), StringComparison.Ordinal);
        await File.AppendAllTextAsync(hosts, "127.0.0.1 db.streamingpg.example\n");
        await process.StandardError.RestAsync();
        await process.EndAsync();

        Assert.Equal(0, process.ExitCode);
        await BatchHelper.AssertSoundAsync(database.Connection);
        Directory.Delete(folder, recursive: true);
    }
}
