using System.Collections.Concurrent;
using System.Management.Automation;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// Carries what work on other threads has to say to the pipeline thread, the only one that may write. Its members can
/// be called from any thread.
/// </summary>
public sealed class PipelineOutput : IStreamOutput, IDisposable
{
    private readonly Cmdlet _cmdlet;
    private readonly BlockingCollection<Action<Cmdlet>> _pending = [];

    internal PipelineOutput(Cmdlet cmdlet) => _cmdlet = cmdlet;

    /// <summary>Emits an object.</summary>
    public void Write(object value) => _pending.Add(cmdlet => cmdlet.WriteObject(value));

    /// <summary>Writes verbose text.</summary>
    public void Verbose(string text) => _pending.Add(cmdlet => cmdlet.WriteVerbose(text));

    /// <summary>Writes debug text.</summary>
    public void Debug(string text) => _pending.Add(cmdlet => cmdlet.WriteDebug(text));

    /// <summary>Writes information that a person sees, and that -InformationVariable keeps as the object it is.</summary>
    public void Information(object value) => _pending.Add(cmdlet => cmdlet.WriteInformation(InformationOf(value)));

    /// <summary>Writes a warning.</summary>
    public void Warning(string text) => _pending.Add(cmdlet => cmdlet.WriteWarning(text));

    /// <summary>Shows progress.</summary>
    public void Progress(ProgressRecord record) => _pending.Add(cmdlet => cmdlet.WriteProgress(record));

    /// <inheritdoc/>
    public void Dispose() => _pending.Dispose();

    /// <summary>A record of information that a person sees: the host shows what has this tag.</summary>
    internal static InformationRecord InformationOf(object value)
    {
        var record = new InformationRecord(value, "StreamingPg");
        record.Tags.Add("PSHOST");
        return record;
    }

    /// <summary>
    /// Runs the work on another thread and writes for it until it ends. When writing ends the pipeline (a later command
    /// has seen enough), the work is cancelled and waited for, so that it leaves nothing half done behind.
    /// </summary>
    internal void Pump(Func<Task> work, CancellationTokenSource cancellation)
    {
        var running = Task.Run(async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            finally
            {
                _pending.CompleteAdding();
            }
        });

        try
        {
            foreach (var action in _pending.GetConsumingEnumerable())
            {
                action(_cmdlet);
            }
        }
        catch
        {
            cancellation.Cancel();
            running.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
            throw;
        }

        running.GetAwaiter().GetResult();
    }
}
