using System.Diagnostics;
using System.Globalization;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;

namespace StreamingPg.Soak;

/// <summary>Every way to stop a stream, in every moment of it and in every state of its server, by both doors: how long it takes and what is said.</summary>
internal sealed class Stops
{
    private static readonly string[] Moments = ["between two batches", "in COPY", "at COMMIT"];
    private static readonly string[] States = ["runs", "frozen", "gone"];
    private static readonly string[] Ways = ["Ctrl+C", "SIGTERM", "SIGHUP", "closed terminal", "Stop-Job"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly Node _node;
    private readonly string? _pwsh;
    private readonly string _manifest;
    private int _number;

    private Stops(string folder, Node node, string? pwsh, string manifest)
    {
        _folder = folder;
        _node = node;
        _pwsh = pwsh;
        _manifest = manifest;
    }

    /// <summary>Tries them all and writes a table.</summary>
    /// <param name="programs">Folder of the server programs, or null.</param>
    /// <param name="pwsh">PowerShell; null leaves its door out.</param>
    /// <param name="manifest">The built module.</param>
    /// <param name="only">Only what has this text in its name; null for all.</param>
    public static async Task<int> RunAsync(string? programs, string? pwsh, string manifest, string? only)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"streamingpg-stops-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        var binaries = programs is null
            ? await ServerBinaries.FindAsync(null, CancellationToken.None) : await ServerBinaries.ReadNamedAsync(programs, CancellationToken.None);
        var node = await Node.CreateAsync("a", folder, binaries);
        try
        {
            await node.InitializeAsync();
            await using (var connection = new DatabaseConnection(node.Connection, SettingsResolver.DefaultSchema, ConnectionSource.Parameter))
            {
                await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
            }

            await node.ExecuteAsync("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(60); RETURN NULL; END'");
            Console.WriteLine($"PostgreSQL {binaries.Version}\n\n| door | stopped by | stream is | server | seconds | end | said |\n|---|---|---|---|---|---|---|");
            return await new Stops(folder, node, pwsh, manifest).TryAllAsync(only) ? 0 : 1;
        }
        finally
        {
            await node.RemoveAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<bool> TryAllAsync(string? only)
    {
        var allKept = true;
        foreach (var door in _pwsh is null ? ["streamingpg"] : new[] { "streamingpg", "PowerShell" })
        {
            foreach (var way in Ways.Where(way => door == "PowerShell" || way != "Stop-Job"))
            {
                foreach (var (moment, state) in Moments.SelectMany(moment => States.Select(state => (moment, state))))
                {
                    if (only is null || $"{door}, {way}, {moment}, {state}".Contains(only, StringComparison.Ordinal))
                    {
                        allKept &= await TryAsync(door, way, moment, state);
                    }
                }
            }
        }

        return allKept;
    }

    private async Task<bool> TryAsync(string door, string way, string moment, string state)
    {
        await PrepareAsync(moment);
        using var terminal = new Terminal(Path.Combine(_folder, $"{_number++}"), door == "PowerShell" ? PowerShell(way, moment) : CommandLine(moment));
        if (!await IsAtAsync(moment))
        {
            Console.WriteLine($"| {door} | {way} | {moment} | {state} | - | not reached | {Shorten(terminal.Said)} |");
            return false;
        }

        var frozen = Task.CompletedTask;
        using var thaw = new CancellationTokenSource();
        if (state == "frozen")
        {
            frozen = _node.FreezeAsync(TimeSpan.FromMinutes(2), thaw.Token);
            await Task.Delay(1000);
        }
        else if (state == "gone")
        {
            await _node.KillAsync();
        }

        var before = terminal.Said.Length;
        var clock = Stopwatch.StartNew();
        Stop(terminal, way);
        while (clock.Elapsed < Patience && !HasEnded(terminal, way))
        {
            await Task.Delay(10);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        await thaw.CancelAsync();
        await frozen;
        await Task.Delay(200);
        var end = !HasEnded(terminal, way) ? "did not end" : terminal.ExitCode is { } code ? $"exit {code}" : "prompt";
        var said = Shorten(terminal.Said[Math.Min(before, terminal.Said.Length)..]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {door} | {way} | {moment} | {state} | {seconds:0.0} | {end} | {said} |"));
        return seconds <= 5 && (said.Length > 0 || way == "closed terminal");
    }

    private async Task PrepareAsync(string moment)
    {
        await _node.EnsureUpAsync();

        // What a program that was killed left behind must not hold the tables.
        await _node.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'StreamingPg%'");
        await _node.ExecuteAsync("DROP TRIGGER IF EXISTS slow ON streaming.users; TRUNCATE streaming.users, streaming.transactions, streaming.detailed_transactions, streaming.batch_ledger");
        if (moment == "at COMMIT")
        {
            await _node.ExecuteAsync("CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON streaming.users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.age > 0) EXECUTE FUNCTION slow()");
        }
    }

    private string[] CommandLine(string moment) =>
    [
        "dotnet", Path.Combine(AppContext.BaseDirectory, "StreamingPg.Cli.dll"), "stream", "--connection-string", ConnectionString,
        .. moment == "in COPY" ? ["--interval", "1s", "--users", "1000", "--transactions", "3000", "--details", "3000000"] : new[] { "--interval", "10s" },
    ];

    private string[] PowerShell(string way, string moment)
    {
        var rows = moment == "in COPY" ? "-Interval 1s -Users 1000 -Transactions 3000 -Details 3000000" : "-Interval 10s";
        var stream = $"Invoke-StreamingBatch -Continuous -ConnectionString '{ConnectionString}' {rows}";
        var script = way == "Stop-Job"
            ? $"$job = {stream} -AsJob; while (-not (Test-Path stop)) {{ Start-Sleep -Milliseconds 20 }}; Stop-Job $job; \"job: $($job.State)\"; Receive-Job $job; exit"
            : stream;
        return [_pwsh!, "-NoProfile", "-NoLogo", "-NoExit", "-Command", $"function prompt {{ 'READY> ' }}; Import-Module '{_manifest}'; {script}"];
    }

    private string ConnectionString => $"Host=127.0.0.1;Port={_node.Port};Database=postgres;Username=streaming";

    private async Task<bool> IsAtAsync(string moment)
    {
        var condition = moment switch
        {
            "in COPY" => "query LIKE 'COPY%detailed_transactions%' AND state = 'active'",
            "at COMMIT" => "query = 'COMMIT' AND wait_event = 'PgSleep'",
            _ => "query = 'COMMIT' AND state = 'idle'",
        };
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(3))
        {
            if (await _node.ScalarAsync($"SELECT count(*)::text FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name LIKE 'StreamingPg%' AND {condition}") != "0")
            {
                return true;
            }

            await Task.Delay(20);
        }

        return false;
    }

    private void Stop(Terminal terminal, string way)
    {
        switch (way)
        {
            case "Ctrl+C":
                terminal.Interrupt();
                break;
            case "closed terminal":
                terminal.Close();
                break;
            case "Stop-Job":
                File.WriteAllText(Path.Combine(_folder, $"{_number - 1}", "stop"), "");
                break;
            default:
                terminal.Signal(way[3..]);
                break;
        }
    }

    private static bool HasEnded(Terminal terminal, string way) =>
        terminal.ExitCode is not null
        || (way == "Ctrl+C" && terminal.Said.Contains("READY> ", StringComparison.Ordinal))
        || (way == "Stop-Job" && terminal.Said.Contains("job: ", StringComparison.Ordinal));

    private static string Shorten(string text)
    {
        var lines = text.Split('\n').Select(line => line.Replace("READY> ", "", StringComparison.Ordinal).Replace('|', '/').Trim()).Where(line => line.Length > 0);
        return string.Join(" / ", lines.TakeLast(4));
    }
}
