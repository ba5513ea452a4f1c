using System.Diagnostics;
using System.Management.Automation;
using StreamingPg.Core.Loading.Batches;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Shows how far a batch is, when it lasts longer than a second, a few times per second.</summary>
internal sealed class ProgressReporter(Action<ProgressRecord> show, string activity) : IProgress<BatchProgress>
{
    private const int ActivityId = 0x5067;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly object _sync = new();
    private TimeSpan _next = Patience;

    /// <inheritdoc/>
    public void Report(BatchProgress value)
    {
        lock (_sync)
        {
            if (_clock.Elapsed < _next)
            {
                return;
            }

            _next = _clock.Elapsed + Interval;
        }

        show(Record(value));
    }

    /// <summary>Takes the display away, if there was one.</summary>
    public void Complete()
    {
        if (_next > Patience)
        {
            show(new ProgressRecord(ActivityId, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private ProgressRecord Record(BatchProgress value)
    {
        var share = value.RowsTotal > 0 ? Math.Min(1.0, (double)value.RowsDone / value.RowsTotal) : 0;
        var total = value.RowsTotal > 0 ? $" of {DisplayText.Count(value.RowsTotal)}" : "";
        var status = $"{value.Activity}: {DisplayText.Count(value.RowsDone)}{total} rows";
        return new ProgressRecord(ActivityId, activity, status)
        {
            PercentComplete = (int)(share * 100),
            SecondsRemaining = share > 0 ? (int)(_clock.Elapsed.TotalSeconds * (1 - share) / share) : -1,
        };
    }
}
