using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Shows how a stream is doing, a few times per second.</summary>
internal sealed class StreamProgressReporter(Action<ProgressRecord> show, string activity) : IProgress<StreamSummary>
{
    private const int ActivityId = 0x5068;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly object _sync = new();
    private TimeSpan _next = TimeSpan.Zero;

    /// <inheritdoc/>
    public void Report(StreamSummary value)
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

    /// <summary>Takes the display away.</summary>
    public void Complete() =>
        show(new ProgressRecord(ActivityId, activity, "Done") { RecordType = ProgressRecordType.Completed });

    private ProgressRecord Record(StreamSummary value)
    {
        var status = string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Batches:N0} batches, {value.Rows:N0} rows, {value.BatchesPerSecond:0.##} of {value.TargetBatchesPerSecond:0.##} batches/s, "
            + $"lag {DisplayText.Duration(value.Lag)}, retries {value.Retries}");
        var record = new ProgressRecord(ActivityId, activity, status);
        if (value.TimeLeft is { } left)
        {
            record.SecondsRemaining = (int)Math.Min(int.MaxValue, left.TotalSeconds);
            record.PercentComplete = (int)(100 * value.Duration / (value.Duration + left + TimeSpan.FromTicks(1)));
        }

        return record;
    }
}
