using System.Diagnostics;
using System.Management.Automation;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Shows how far a download is, a few times per second.</summary>
internal sealed class DownloadReporter(Action<ProgressRecord> show) : IProgress<DownloadProgress>
{
    private const int ActivityId = 0x5069;
    private const string Activity = "Downloading PostgreSQL's server programs";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _next;

    /// <inheritdoc/>
    public void Report(DownloadProgress value)
    {
        if (_clock.Elapsed >= _next)
        {
            _next = _clock.Elapsed + Interval;
            show(new ProgressRecord(ActivityId, Activity, value.ToString()) { PercentComplete = value.Percent ?? -1 });
        }
    }

    /// <summary>Takes the display away, if there was one.</summary>
    public void Complete()
    {
        if (_next > TimeSpan.Zero)
        {
            show(new ProgressRecord(ActivityId, Activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }
}
