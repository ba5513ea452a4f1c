using System.Management.Automation;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Server;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Shows how far work is: not before some time has passed, and then a few times per second.</summary>
/// <param name="show">Shows a record.</param>
/// <param name="id">Number of the display; PowerShell shows one with the same number instead of the last.</param>
/// <param name="activity">What is done.</param>
/// <param name="patience">Shorter work shows nothing.</param>
/// <param name="interval">Time from one record to the next.</param>
internal abstract class ProgressDisplay<T>(Action<ProgressRecord> show, int id, string activity, TimeSpan patience, TimeSpan interval) : IProgress<T>
{
    private readonly ProgressThrottle _throttle = new(patience, interval);

    /// <summary>Time since the work began.</summary>
    protected TimeSpan Elapsed => _throttle.Elapsed;

    /// <inheritdoc/>
    public void Report(T value)
    {
        if (_throttle.IsDue())
        {
            show(Record(value));
        }
    }

    /// <summary>Takes the display away, if there was one.</summary>
    public void Complete()
    {
        if (_throttle.IsShown)
        {
            show(new ProgressRecord(id, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>What is shown of a report.</summary>
    protected abstract ProgressRecord Record(T value);

    /// <summary>A record of this display.</summary>
    protected ProgressRecord NewRecord(string status) => new(id, activity, status);
}

/// <summary>Shows how far a batch is, when it lasts longer than a second.</summary>
internal sealed class ProgressReporter(Action<ProgressRecord> show, string activity)
    : ProgressDisplay<BatchProgress>(show, 0x5067, activity, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200))
{
    protected override ProgressRecord Record(BatchProgress value)
    {
        // PowerShell writes the seconds that are left behind the text.
        var record = NewRecord(value.Text(Elapsed));
        record.CurrentOperation = value.Activity;
        record.PercentComplete = value.Share is { } share ? (int)(share * 100) : -1;
        record.SecondsRemaining = value.TimeLeft(Elapsed) is { } left ? (int)Math.Min(int.MaxValue, left.TotalSeconds) : -1;
        return record;
    }
}

/// <summary>Shows how a stream is doing.</summary>
internal sealed class StreamProgressReporter(Action<ProgressRecord> show, string activity)
    : ProgressDisplay<StreamSummary>(show, 0x5068, activity, TimeSpan.Zero, TimeSpan.FromMilliseconds(200))
{
    protected override ProgressRecord Record(StreamSummary value)
    {
        var retries = value.Retries > 0 ? $", {value.Retries} retries" : "";
        var record = NewRecord(
            $"{DisplayText.Count(value.Batches)} batches, {DisplayText.Count(value.Rows)} rows, {DisplayText.SmallRate(value.RowsPerSecond)}/s, "
            + $"lag {DisplayText.Duration(value.Lag)}{retries}");
        if (value.TimeLeft is { } left)
        {
            record.SecondsRemaining = (int)Math.Min(int.MaxValue, left.TotalSeconds);
            record.PercentComplete = (int)(100 * value.Duration / (value.Duration + left + TimeSpan.FromTicks(1)));
        }

        return record;
    }
}

/// <summary>Shows how far a download is.</summary>
internal sealed class DownloadReporter(Action<ProgressRecord> show)
    : ProgressDisplay<DownloadProgress>(show, 0x5069, "Downloading PostgreSQL's server programs", TimeSpan.Zero, TimeSpan.FromMilliseconds(200))
{
    protected override ProgressRecord Record(DownloadProgress value)
    {
        var record = NewRecord(value.ToString());
        record.PercentComplete = value.Percent ?? -1;
        return record;
    }
}

/// <summary>Shows which step long work is at, each of them, once the work has lasted a second.</summary>
internal sealed class StepReporter(Action<ProgressRecord> show, string activity)
    : ProgressDisplay<string>(show, 0x5068, activity, TimeSpan.FromSeconds(1), TimeSpan.Zero)
{
    protected override ProgressRecord Record(string value) => NewRecord(value);
}
