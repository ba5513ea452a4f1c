using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Where work on other threads writes: the pipeline of a running command, or the streams of a job.</summary>
internal interface IStreamOutput
{
    /// <summary>Emits an object.</summary>
    void Write(object value);

    /// <summary>Writes verbose text.</summary>
    void Verbose(string text);

    /// <summary>Writes debug text.</summary>
    void Debug(string text);

    /// <summary>Writes a warning.</summary>
    void Warning(string text);

    /// <summary>Writes information that a person sees, and that -InformationVariable keeps as the object it is.</summary>
    void Information(object value);

    /// <summary>Shows progress.</summary>
    void Progress(ProgressRecord record);
}

/// <summary>
/// Carries what work on other threads has to say to the pipeline thread, the only one that may write. Its members can
/// be called from any thread.
/// </summary>
public sealed class PipelineOutput : IStreamOutput, IDisposable
{
    private static readonly AsyncLocal<PipelineOutput?> Running = new();

    private readonly PSCmdlet _cmdlet;
    private CancellationToken _stop;
    private readonly BlockingCollection<Action<Cmdlet>> _pending = [];
    private readonly ConcurrentQueue<string> _warnings = [];

    internal PipelineOutput(PSCmdlet cmdlet) => _cmdlet = cmdlet;

    /// <summary>The pipeline that the calling work writes to, whatever thread it is on; null where there is none.</summary>
    internal static PipelineOutput? Current => Running.Value;

    /// <summary>Does something on the pipeline thread, and waits for it.</summary>
    /// <exception cref="OperationCanceledException">The pipeline was stopped.</exception>
    internal T Call<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending.Add(
            _ =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (PipelineStoppedException)
                {
                    done.SetCanceled(CancellationToken.None);
                    throw;
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            _stop);
        return done.Task.WaitAsync(_stop).GetAwaiter().GetResult();
    }

    /// <summary>Emits an object.</summary>
    public void Write(object value) => _pending.Add(cmdlet => cmdlet.WriteObject(value));

    /// <summary>Writes verbose text.</summary>
    public void Verbose(string text) => _pending.Add(cmdlet => cmdlet.WriteVerbose(text));

    /// <summary>Writes debug text.</summary>
    public void Debug(string text) => _pending.Add(cmdlet => cmdlet.WriteDebug(text));

    /// <summary>Writes information that a person sees, and that -InformationVariable keeps as the object it is.</summary>
    public void Information(object value) => _pending.Add(cmdlet => cmdlet.WriteInformation(InformationOf(value)));

    /// <summary>Writes a warning.</summary>
    public void Warning(string text)
    {
        _warnings.Enqueue(text);
        _pending.Add(cmdlet =>
        {
            cmdlet.WriteWarning(text);
            _warnings.TryDequeue(out _);
        });
    }

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
        _stop = cancellation.Token;
        var running = Task.Run(async () =>
        {
            Running.Value = this;
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

            // A stopped pipeline takes nothing any more; the person who stopped it still wants to know.
            foreach (var warning in _warnings)
            {
                _cmdlet.Host.UI.WriteWarningLine(warning);
            }

            if (running.Exception?.GetBaseException() is StreamingException error)
            {
                _cmdlet.Host.UI.WriteErrorLine(error.Message);
            }

            throw;
        }

        running.GetAwaiter().GetResult();
    }
}

/// <summary>Puts events into words: warnings, else verbose text; the figures go to the debug stream. The log gets them whole.</summary>
internal sealed class EventWriter : IProgress<BatchEvent>, IDisposable
{
    private readonly IStreamOutput _output;
    private readonly EventLog? _log;

    /// <param name="output">Where the words go.</param>
    /// <param name="logPath">File of the log, or null.</param>
    public EventWriter(IStreamOutput output, string? logPath)
    {
        _output = output;
        _log = logPath is null ? null : new EventLog(logPath, output.Warning);
    }

    /// <inheritdoc/>
    public void Report(BatchEvent value)
    {
        if (value.IsWarning)
        {
            _output.Warning(value.Text);
        }
        else
        {
            _output.Verbose(value.Text);
        }

        var figures = value.Figures.Select(static figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key}={figure.Value}"));
        _output.Debug($"{value.Name} {string.Join(' ', figures)}");
        _log?.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();
}
