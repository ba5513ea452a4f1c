using System.CommandLine;
using System.Diagnostics;
using StreamingPg;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Soak;

// Three writers load batch after batch while servers, writers, poolers, disks and clocks fail. At the end the ledger, the tables and what
// the writers reported must agree to the row.
var minutes = new Option<double>("--minutes") { Description = "How long", DefaultValueFactory = _ => 20 };
var rate = new Option<double>("--rate") { Description = "Batches per second of each writer", DefaultValueFactory = _ => 20 };
var postgres = new Option<string?>("--postgres") { Description = "Folder of the server programs; the ones that StreamingPg finds by itself without it" };
var throughPooler = new Option<bool>("--pgbouncer") { Description = "Through a PgBouncer in transaction mode" };
var command = new RootCommand("Streams under faults") { minutes, rate, postgres, throughPooler };
command.SetAction(parsed => RunAsync(parsed.GetValue(minutes), parsed.GetValue(rate), parsed.GetValue(postgres), parsed.GetValue(throughPooler)));

// And every way to stop a stream: how long it takes, and what is said.
var pwsh = new Option<string?>("--pwsh") { Description = "PowerShell; without it only the command line is tried" };
var manifest = new Option<string?>("--module") { Description = "StreamingPg.psd1 of a build; the newest in output without it" };
var only = new Option<string?>("--only") { Description = "Only what has this text, such as \"SIGTERM, in COPY\"" };
var stops = new Command("stops", "Stops a stream in every way") { postgres, pwsh, manifest, only };
stops.SetAction(parsed => Stops.RunAsync(
    parsed.GetValue(postgres),
    parsed.GetValue(pwsh),
    parsed.GetValue(manifest) ?? Directory.EnumerateFiles(Path.GetFullPath("output/StreamingPg"), "StreamingPg.psd1", SearchOption.AllDirectories).Last(),
    parsed.GetValue(only)));
command.Subcommands.Add(stops);

// And a year of daily batches with retention, in an hour or less: what must stay level, stays level.
var days = new Option<int>("--days") { Description = "How many", DefaultValueFactory = _ => 365 };
var rows = new Option<long>("--rows") { Description = "Rows of a day", DefaultValueFactory = _ => 100_000 };
var keep = new Option<int>("--keep") { Description = "Days that rows are kept", DefaultValueFactory = _ => 90 };
var partitionBy = new Option<PartitionInterval?>("--partition-by") { Description = "Time that a partition holds; none without it" };
var year = new Command("year", "Loads daily batches with retention, as fast as they go") { days, rows, keep, partitionBy };
year.SetAction(parsed => Year.RunAsync(parsed.GetValue(days), parsed.GetValue(rows), parsed.GetValue(keep), parsed.GetValue(partitionBy)));
command.Subcommands.Add(year);
return await command.Parse(args).InvokeAsync();

static async Task<int> RunAsync(double minutes, double rate, string? programs, bool throughPooler)
{
    var folder = Path.Combine(Path.GetTempPath(), $"streamingpg-soak-{Environment.ProcessId}");
    Directory.CreateDirectory(folder);
    var binaries = programs is null
        ? await ServerBinaries.FindAsync(null, CancellationToken.None) : await ServerBinaries.ReadNamedAsync(programs, CancellationToken.None);
    var pair = await Pair.CreateAsync(folder, binaries);
    var log = await Disk.CreateAsync(Path.Combine(folder, "events"), 4);
    var output = await Disk.CreateAsync(Path.Combine(folder, "output"), 4);
    using var pooler = throughPooler ? new Pooler(folder) : null;
    try
    {
        await using (var connection = Direct(pair.Primary))
        {
            await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        }

        if (pooler is not null)
        {
            await pooler.PointToAsync(pair.Primary);
        }

        var host = pooler is null ? $"Host=127.0.0.1:{pair.Primary.Port},127.0.0.1:{pair.Standby.Port}" : $"Host=127.0.0.1;Port={pooler.Port}";
        var clock = FakeClock.Create(folder);
        string connectionString = $"{host};Database=postgres;Username=streaming";
        Writer[] writers =
        [
            new("writer with a clock of its own", connectionString, rate) { Environment = clock?.Environment ?? new Dictionary<string, string>() },
            new("writer with retention and event log", connectionString, rate) { Options = ["--event-time", "Spread", "--retention", "10d", "--log-path", Path.Combine(log.Path, "events.jsonl")] },
            new("writer with a file as standard output", connectionString, rate) { OutputFile = Path.Combine(output.Path, "output.jsonl") },
        ];
        var faults = new Faults(pair, pooler, writers, log, output, clock?.File);
        var time = await FailAsync(minutes, writers, faults);
        var longestStop = writers.Max(writer => writer.Stop());
        Console.WriteLine($"""

            PostgreSQL {binaries.Version}, {(throughPooler ? "through PgBouncer" : "two hosts")}, {writers.Length} writers at {rate} batches/s each
            time                                     : {DisplayText.Duration(time)}
            """);
        faults.Write();
        await using var now = Direct(pair.Primary);

        // What a full disk kept from being written was committed all the same.
        var agrees = await Comparison.WriteAsync(now, writers, output.CanFill ? null : faults.WritersKilled);
        agrees &= longestStop < TimeSpan.FromSeconds(5);
        Console.WriteLine($"longest stop at SIGTERM                  : {DisplayText.Duration(longestStop)}");
        Console.WriteLine($"result                                   : {(agrees ? "everything agrees" : "SOMETHING DOES NOT AGREE")}");
        return agrees ? 0 : 1;
    }
    finally
    {
        pooler?.Dispose();
        await pair.RemoveAsync();
        await log.RemoveAsync();
        await output.RemoveAsync();
        Directory.Delete(folder, recursive: true);
    }
}

static async Task<TimeSpan> FailAsync(double minutes, Writer[] writers, Faults faults)
{
    foreach (var writer in writers)
    {
        writer.Start();
    }

    var clock = Stopwatch.StartNew();
    using var end = new CancellationTokenSource();
    var replacing = Task.Run(async () =>
    {
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(1000);
            foreach (var writer in writers)
            {
                writer.Replace();
            }
        }
    });
    while (clock.Elapsed.TotalMinutes < minutes)
    {
        await Task.Delay(TimeSpan.FromSeconds(2 + (6 * Random.Shared.NextDouble())));
        await faults.RunOneAsync();
    }

    await Task.Delay(TimeSpan.FromSeconds(5));
    await end.CancelAsync();
    await replacing;
    return clock.Elapsed;
}

static DatabaseConnection Direct(Node node) => new(node.Connection, SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
