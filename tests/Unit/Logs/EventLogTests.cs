using System.Text.Json;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Unit.Logs;

public sealed class EventLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-log-").FullName;
    private readonly List<string> _warnings = [];

    private string LogPath => Path.Combine(_folder, "log.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_event_is_one_line_of_JSON()
    {
        var batch = Guid.NewGuid();
        using (var log = new EventLog(LogPath, _warnings.Add))
        {
            log.Report(new BatchEvent
            {
                Name = BatchEvent.Retry,
                Text = "Retry 1.\nBecause \"of that\".",
                BatchId = batch,
                Figures = [new("retry", 1), new("pause_seconds", 0.25), new("rows", 5_000_000_000L)],
                Error = new StreamingException("Deadlock", StreamingErrorKind.Unexpected, "Deadlock.", "Again.") { SqlState = "40P01" },
            });
        }

        var line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(LogPath))).RootElement;
        Assert.Equal("retry", line.GetProperty("event").GetString());
        Assert.Equal(batch, line.GetProperty("batch_id").GetGuid());
        Assert.Equal(5_000_000_000L, line.GetProperty("rows").GetInt64());
        Assert.Equal(0.25, line.GetProperty("pause_seconds").GetDouble());
        Assert.Equal("40P01", line.GetProperty("error").GetProperty("sqlstate").GetString());
        Assert.InRange(line.GetProperty("time").GetDateTime(), DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow);
    }

    [Fact]
    public void A_file_that_is_large_enough_is_put_aside_and_the_oldest_go()
    {
        using (var log = new EventLog(LogPath, _warnings.Add, maxBytes: 1000))
        {
            for (var number = 0; number < 500; number++)
            {
                log.Report(new BatchEvent { Name = BatchEvent.Committed, Text = $"Batch {number}." });
            }
        }

        Assert.Equal(1 + EventLog.FilesKept, Directory.GetFiles(_folder).Length);
        Assert.All(Directory.GetFiles(_folder), file => Assert.InRange(new FileInfo(file).Length, 1, 1200));
        var last = Directory.GetFiles(_folder).Order().Reverse().SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString());
        Assert.Equal("Batch 499.", last.Last());
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_file_that_cannot_be_put_aside_grows_on()
    {
        Directory.CreateDirectory($"{LogPath}.1");
        using (var log = new EventLog(LogPath, _warnings.Add, maxBytes: 1000))
        {
            for (var number = 0; number < 100; number++)
            {
                log.Report(new BatchEvent { Name = BatchEvent.Committed, Text = $"Batch {number}." });
            }
        }

        Assert.Equal(100, File.ReadAllLines(LogPath).Length);
        Assert.NotEmpty(_warnings);
        Assert.All(_warnings, warning => Assert.Contains("cannot be rotated", warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pipe_gets_the_events_while_somebody_reads_and_stops_nothing_when_nobody_does()
    {
        var pipe = MakePipe();
        using (var log = new EventLog(pipe, _warnings.Add))
        {
            var read = Task.Run(() => File.ReadLines(pipe).First());
            log.Report(new BatchEvent { Name = BatchEvent.Committed, Text = "heard" });
            Assert.Contains("heard", await read.WaitAsync(TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
            Assert.Empty(_warnings);
            for (var number = 0; number < 5000; number++)
            {
                log.Report(new BatchEvent { Name = BatchEvent.Committed, Text = new string('x', 100) });
            }
        }

        // Once for each time that it begins to take no more.
        Assert.NotEmpty(_warnings);
        Assert.All(_warnings, warning => Assert.Contains("nobody reads it", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_device_is_a_warning()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux has /dev/full.");
        }

        using (var log = new EventLog("/dev/full", _warnings.Add))
        {
            log.Report(new BatchEvent { Name = BatchEvent.Committed, Text = "x" });
        }

        Assert.Contains("/dev/full", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    private string MakePipe()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no pipes among its files.");
        }

        var pipe = Path.Combine(_folder, "pipe");
        using var made = System.Diagnostics.Process.Start("mkfifo", pipe);
        Assert.True(made.WaitForExit(TimeSpan.FromSeconds(30)));
        return pipe;
    }

    [Fact]
    public void A_log_that_is_there_is_written_on()
    {
        File.WriteAllText(LogPath, "{}\n");
        using (var log = new EventLog(LogPath, _warnings.Add))
        {
            log.Report(new BatchEvent { Name = BatchEvent.Committed, Text = "x" });
        }

        Assert.Equal(2, File.ReadAllLines(LogPath).Length);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_refused_at_once() => Assert.Equal(
        "LogNotWritable",
        Assert.Throws<StreamingException>(() => new EventLog(Path.Combine(_folder, "no", "such", "folder"), _warnings.Add)).ErrorId);
}
