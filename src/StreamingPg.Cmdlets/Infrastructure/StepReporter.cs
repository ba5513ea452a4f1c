using System.Diagnostics;
using System.Management.Automation;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Shows which step long work is at, once it has lasted a second.</summary>
internal sealed class StepReporter(Action<ProgressRecord> show, string activity) : IProgress<string>
{
    private const int ActivityId = 0x5068;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool _shown;

    /// <inheritdoc/>
    public void Report(string value)
    {
        if (_clock.Elapsed >= Patience)
        {
            _shown = true;
            show(new ProgressRecord(ActivityId, activity, value));
        }
    }

    /// <summary>Takes the display away, if there was one.</summary>
    public void Complete()
    {
        if (_shown)
        {
            show(new ProgressRecord(ActivityId, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }
}
