using System.Diagnostics;
using System.Globalization;
using StreamingPg;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Soak;

// Three writers load batch after batch, one of them removes what grows old, while the server and the writers are killed. At the end the ledger, the tables and what
// the writers reported must agree to the row.
if (args is not ["--minutes", var text] || !double.TryParse(text, CultureInfo.InvariantCulture, out var minutes) || minutes <= 0)
{
    Console.Error.WriteLine("usage: soak --minutes <number>");
    return 2;
}

var folder = Path.Combine(Path.GetTempPath(), $"streamingpg-soak-{Environment.ProcessId}");
var server = new PrivateServer(folder);
await server.StartAsync(CancellationToken.None);
var settings = server.GetConnectionSettings()!;
settings.Pooling = false; // Kept connections would not survive the kills.
await using var connection = new DatabaseConnection(settings, SettingsResolver.DefaultSchema, ConnectionSource.PrivateServer);
await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);

Writer[] writers = [new(settings), new(settings), new(settings, "--retention", "10.00:00:00")];
foreach (var writer in writers)
{
    writer.Start();
}

var clock = Stopwatch.StartNew();
var (serverKills, writerKills) = (0, 0);
while (clock.Elapsed.TotalMinutes < minutes)
{
    await Task.Delay(TimeSpan.FromSeconds(2 + (6 * Random.Shared.NextDouble())));
    if (Random.Shared.Next(3) == 0)
    {
        writers[Random.Shared.Next(writers.Length)].Kill();
        writerKills++;
    }
    else
    {
        await KillServerAsync(server);
        serverKills++;
    }

    foreach (var writer in writers.Where(writer => writer.HasEnded))
    {
        Console.WriteLine($"A writer ended by itself: {writer.LastError}");
        writer.Replace();
    }
}

var longestStop = writers.Max(writer => writer.Stop());
await Task.Delay(1000);
try
{
    return await CompareAsync() ? 0 : 1;
}
finally
{
    await connection.DisposeAsync();
    await server.DestroyAsync(CancellationToken.None);
}

// Kills the postmaster with SIGKILL; its sessions notice and end, and only then may another start.
static async Task KillServerAsync(PrivateServer server)
{
    using (var postmaster = Process.GetProcessById(server.GetStatus().ProcessId!.Value))
    {
        postmaster.Kill();
        await postmaster.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    for (var attempt = 0; ; attempt++)
    {
        await Task.Delay(300);
        try
        {
            await server.StartAsync(CancellationToken.None);
            return;
        }
        catch (StreamingException) when (attempt < 100)
        {
        }
    }
}

async Task<bool> CompareAsync()
{
    var reported = writers.SelectMany(writer => writer.Reported).ToList();
    var ledger = new Dictionary<Guid, long>();
    var tables = new List<string>();
    var removed = new List<long>();
    var sound = true;
    await using (var open = await connection.OpenAsync(CancellationToken.None))
    {
        await using var read = new Npgsql.NpgsqlCommand(
            "SELECT batch_id, (SELECT sum(value::bigint)::bigint FROM jsonb_each_text(rows)) FROM streaming.batch_ledger WHERE kind = 'batch'", open);
        await using (var reader = await read.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                ledger.Add(reader.GetGuid(0), reader.GetInt64(1));
            }
        }

        foreach (var table in MetadataReader.Default.Tables)
        {
            await using var count = new Npgsql.NpgsqlCommand(
                $"SELECT (SELECT count(*) FROM {connection.Quote(table.Name)}) - "
                + $"(SELECT COALESCE(sum((rows->>'{table.Name}')::bigint * CASE kind WHEN 'removal' THEN -1 ELSE 1 END), 0)::bigint FROM streaming.batch_ledger)", open);
            var difference = (long)(await count.ExecuteScalarAsync())!;
            await using var old = new Npgsql.NpgsqlCommand(
                $"SELECT COALESCE(sum((rows->>'{table.Name}')::bigint), 0)::bigint FROM streaming.batch_ledger WHERE kind = 'removal'", open);
            removed.Add((long)(await old.ExecuteScalarAsync())!);
            tables.Add($"{table.Name} {difference}");
            sound &= difference == 0;
        }
    }

    var lost = reported.Where(batch => ledger.GetValueOrDefault(batch.Key) != batch.Value).Sum(batch => batch.Value);
    var twice = writers.Sum(writer => writer.ReportedTwice);
    var unreported = ledger.Count - reported.Count(batch => ledger.ContainsKey(batch.Key));
    var violations = 0;
    await foreach (var check in IntegrityChecker.CheckAsync(connection, MetadataReader.Default, CancellationToken.None))
    {
        violations += check.Status < IntegrityStatus.Broken ? 0 : 1;
    }

    // A writer that is killed between commit and report has one batch that nobody heard of.
    sound &= lost == 0 && twice == 0 && violations == 0 && unreported <= writerKills && longestStop < TimeSpan.FromSeconds(5);
    Console.WriteLine($"""
        time                                     : {DisplayText.Duration(clock.Elapsed)}
        server killed (SIGKILL)                  : {serverKills}
        writers killed (SIGKILL)                 : {writerKills}
        writers that ended by themselves         : {writers.Sum(writer => writer.Failures)}
        batches in the ledger                    : {ledger.Count}
        batches reported                         : {reported.Count}
        committed, writer killed before it told  : {unreported}
        rows loaded, by the ledger               : {ledger.Values.Sum()}
        rows removed as old, by the ledger       : {removed.Sum()}
        retries of reported batches              : {writers.Sum(writer => writer.Retries)}
        rows reported and lost                   : {lost}
        batches reported twice                   : {twice}
        rows in tables minus rows in the ledger  : {string.Join(", ", tables)}
        integrity checks that failed             : {violations}
        longest stop at SIGTERM                  : {DisplayText.Duration(longestStop)}
        result                                   : {(sound ? "everything agrees" : "SOMETHING DOES NOT AGREE")}
        """);
    return sound;
}
