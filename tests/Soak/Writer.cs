using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace StreamingPg.Soak;

/// <summary>One <c>streamingpg stream</c>, a process of its own. When it was killed, or has ended, another takes its place.</summary>
/// <param name="name">What it is called in the figures.</param>
/// <param name="connection">Connection string.</param>
/// <param name="batchesPerSecond">Its pace.</param>
internal sealed class Writer(string name, string connection, double batchesPerSecond)
{
    private readonly object _lock = new();
    private Process? _process;

    /// <summary>Further options.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Further environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The file that its standard output goes to; null for a pipe.</summary>
    public string? OutputFile { get; init; }

    /// <summary>Rows of every batch that was reported, by batch id.</summary>
    public ConcurrentDictionary<Guid, long> Reported { get; } = [];

    /// <summary>Batches that were reported more than once.</summary>
    public int ReportedTwice { get; private set; }

    /// <summary>Retries that the reported batches needed.</summary>
    public long Retries { get; private set; }

    /// <summary>How often it ended by itself with an error, by the error's id.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = [];

    /// <summary>When a batch was reported last, a timestamp of <see cref="Stopwatch"/>.</summary>
    public long LastReport { get; private set; }

    public string Name => name;

    private string LastError { get; set; } = "";

    public void Start()
    {
        string[] command =
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "StreamingPg.Cli.dll"), "stream", "--json",
            "--batches-per-second", batchesPerSecond.ToString(CultureInfo.InvariantCulture),
            "--max-retry", "1000", "--retry-timeout", "30m", "--stall-timeout", "20s", "--connection-string", connection, .. Options,
        ];
        var start = OutputFile is null
            ? new ProcessStartInfo(command[0], command[1..])
            : new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\"", OutputFile, .. command]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var (variable, value) in Environment)
        {
            start.Environment[variable] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Kills it as a power cut would, and starts another.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            _process!.Kill();
            End();
            Start();
        }
    }

    /// <summary>Stops it as a closed lid does, for a while.</summary>
    public async Task FreezeAsync(TimeSpan time)
    {
        var id = _process!.Id;
        Node.Signal("STOP", [id]);
        await Task.Delay(time);
        Node.Signal("CONT", [id]);
    }

    /// <summary>Starts another when it has ended by itself.</summary>
    public void Replace()
    {
        lock (_lock)
        {
            if (_process is { HasExited: true })
            {
                End();
                var id = IdOf(LastError);
                Failures.AddOrUpdate(id, 1, static (_, count) => count + 1);
                Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {name} ended by itself: {LastError}");
                Start();
            }
        }
    }

    /// <summary>Tells it to stop in good order; gives the time it took.</summary>
    public TimeSpan Stop()
    {
        lock (_lock)
        {
            var clock = Stopwatch.StartNew();
            Node.Signal("TERM", [_process!.Id]);
            End();
            return clock.Elapsed;
        }
    }

    private static string IdOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("error").GetProperty("id").GetString()!;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "no error";
        }
    }

    private void End()
    {
        if (!_process!.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            _process.Kill();
            throw new TimeoutException($"{name} did not end within a minute.");
        }

        // Only this one also waits for the last lines that it wrote.
        _process.WaitForExit();
        if (OutputFile is not null && File.Exists(OutputFile))
        {
            foreach (var line in File.ReadLines(OutputFile))
            {
                Read(line);
            }

            File.Delete(OutputFile);
        }
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("batch_id", out var id))
            {
                LastReport = Stopwatch.GetTimestamp();
                ReportedTwice += Reported.TryAdd(id.GetGuid(), json.RootElement.GetProperty("total_rows").GetInt64()) ? 0 : 1;
                Retries += json.RootElement.GetProperty("retries").GetInt64();
            }
        }
        catch (JsonException)
        {
            // A line that the writer was killed in, or that the disk had no room for.
        }
    }
}
