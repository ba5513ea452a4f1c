using System.Management.Automation;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Streaming;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Runs a stream and writes what it does, be it in the pipeline or in a job.</summary>
internal sealed class StreamSession(DatabaseConnection connection, StreamModel model, StreamOptions options, string? logPath)
{
    private StreamRunner? _runner;

    /// <summary>What the stream has done; null before it began.</summary>
    public StreamSummary? Summary => _runner?.Summary;

    /// <summary>Runs the stream to its end, which a summary follows.</summary>
    public async Task RunAsync(IStreamOutput output, CancellationToken stop)
    {
        using var events = new EventWriter(output, logPath);
        await using var export = OtlpExport.Start(output.Warning);
        var progress = new StreamProgressReporter(output.Progress, "Streaming");
        _runner = new StreamRunner(connection, model, options, events, progress);
        try
        {
            await foreach (var result in _runner.RunAsync(stop).ConfigureAwait(false))
            {
                output.Write(result);
            }
        }
        catch (StreamingException error) when (error.ErrorId == ErrorIds.PermissionDenied)
        {
            throw await RightsAdvice.CompleteAsync(
                error, connection, model, [ConnectionPurpose.Stream, ConnectionPurpose.Retention], stop).ConfigureAwait(false);
        }
        finally
        {
            progress.Complete();
            output.Information(_runner.Summary);
        }
    }
}

/// <summary>A stream as a job of PowerShell: Get-Job, Receive-Job, Stop-Job and Wait-Job work on it, results come while it runs.</summary>
internal sealed class StreamJob : Job, IStreamOutput
{
    /// <summary>Type of the job in the list of Get-Job.</summary>
    public const string TypeName = "StreamingBatch";

    private readonly DatabaseConnection _connection;
    private readonly StreamSession _session;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <param name="command">The command line, for the list of jobs.</param>
    /// <param name="connection">The database; the job closes it at its end.</param>
    /// <param name="session">The stream.</param>
    public StreamJob(string command, DatabaseConnection connection, StreamSession session)
        : base(command)
    {
        _connection = connection;
        _session = session;
        PSJobTypeName = TypeName;
    }

    /// <inheritdoc/>
    public override bool HasMoreData =>
        Output.Count + Error.Count + Warning.Count + Information.Count + Verbose.Count + Debug.Count > 0;

    /// <inheritdoc/>
    public override string Location => _connection.ToString();

    /// <inheritdoc/>
    public override string StatusMessage => _session.Summary?.ToString() ?? "";

    /// <summary>Starts the stream.</summary>
    public void Start()
    {
        SetJobState(JobState.Running);
        TerminationSignals.Enter(_stop);
        _running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public override void StopJob()
    {
        // A job that has ended is disposed of by whoever is told of its end (Receive-Job -AutoRemoveJob), on the thread that tells:
        // waiting for that thread would be for ever.
        if (JobStateInfo.State == JobState.Running)
        {
            _stop.Cancel();
            _running.Wait();
        }
    }

    void IStreamOutput.Write(object value) => Output.Add(PSObject.AsPSObject(value));

    void IStreamOutput.Verbose(string text) => Verbose.Add(new VerboseRecord(text));

    void IStreamOutput.Debug(string text) => Debug.Add(new DebugRecord(text));

    void IStreamOutput.Warning(string text) => Warning.Add(new WarningRecord(text));

    void IStreamOutput.Information(object value) => Information.Add(PipelineOutput.InformationOf(value));

    void IStreamOutput.Progress(ProgressRecord record) => Progress.Add(record);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task RunAsync()
    {
        try
        {
            await using (_connection.ConfigureAwait(false))
            {
                await _session.RunAsync(this, _stop.Token).ConfigureAwait(false);
            }

            SetJobState(_stop.IsCancellationRequested ? JobState.Stopped : JobState.Completed);
        }
        catch (Exception exception)
        {
            // Whatever it was, the job is where it belongs.
            Error.Add(exception.ToErrorRecord());
            SetJobState(JobState.Failed);
        }
        finally
        {
            TerminationSignals.Leave(_stop);
        }
    }
}
