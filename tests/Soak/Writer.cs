using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace StreamingPg.Soak;

/// <summary>One <c>streamingpg stream</c> with further options, a process of its own. When it was killed, another takes its place.</summary>
internal sealed class Writer(NpgsqlConnectionStringBuilder settings, params string[] options)
{
    private Process? _process;

    /// <summary>Rows of every batch that was reported, by batch id.</summary>
    public ConcurrentDictionary<Guid, long> Reported { get; } = [];

    /// <summary>Batches that were reported more than once.</summary>
    public int ReportedTwice { get; private set; }

    /// <summary>Retries that the reported batches needed.</summary>
    public long Retries { get; private set; }

    /// <summary>Times that it ended by itself with an error.</summary>
    public int Failures { get; private set; }

    /// <summary>What it said on standard error last.</summary>
    public string LastError { get; private set; } = "";

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
        [
            Path.Combine(AppContext.BaseDirectory, "StreamingPg.Cli.dll"), "stream", "--json", "--batches-per-second", "20",
            "--max-retry", "1000", "--stall-timeout", "00:00:20", "--host", "127.0.0.1",
            "--port", settings.Port.ToString(CultureInfo.InvariantCulture), "--database", settings.Database!, "--username", settings.Username!,
            .. options,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PGPASSWORD"] = settings.Password;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => LastError = line.Data ?? LastError;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>True when it has ended by itself.</summary>
    public bool HasEnded => _process!.HasExited;

    /// <summary>Counts an end that nobody asked for, and starts another.</summary>
    public void Replace()
    {
        Failures++;
        End();
        Start();
    }

    /// <summary>Kills it as a power cut would, and starts another.</summary>
    public void Kill()
    {
        _process!.Kill();
        End();
        Start();
    }

    /// <summary>Tells it to stop in good order; gives the time it took.</summary>
    public TimeSpan Stop()
    {
        var clock = Stopwatch.StartNew();
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        End();
        return clock.Elapsed;
    }

    private void End()
    {
        if (!_process!.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            _process.Kill();
            throw new TimeoutException("A writer did not end within a minute.");
        }

        // Only this one also waits for the last lines that it wrote.
        _process.WaitForExit();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        using var json = JsonDocument.Parse(line);
        if (json.RootElement.TryGetProperty("batch_id", out var id))
        {
            ReportedTwice += Reported.TryAdd(id.GetGuid(), json.RootElement.GetProperty("total_rows").GetInt64()) ? 0 : 1;
            Retries += json.RootElement.GetProperty("retries").GetInt64();
        }
    }
}
