using System.Management.Automation;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// What every cmdlet shares: errors become ErrorRecords with a stable id, the engine's asynchronous work is waited for
/// on the pipeline thread, and stopping cancels it.
/// </summary>
public abstract class StreamingCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private bool _hasInput;
    private bool _hasFailed;

    /// <summary>Cancelled when the user stops the pipeline.</summary>
    protected CancellationToken StoppingToken => _stopping.Token;

    /// <summary>Ends the command: frees what it holds.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the command holds.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guard(static cmdlet => cmdlet.OnBegin());

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        _hasInput = true;
        if (!_hasFailed)
        {
            Guard(static cmdlet => cmdlet.OnRecord());
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        // PowerShell ends a command that never got a record too: when nothing came through the pipe, or when nothing of it fitted a
        // parameter, which is an error of its own. Whoever piped something meant that, and not everything.
        if (_hasInput && !_hasFailed)
        {
            Guard(static cmdlet => cmdlet.OnEnd());
        }
    }

    /// <inheritdoc/>
    protected sealed override void StopProcessing()
    {
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The pipeline ended by itself while the user was stopping it.
        }
    }

    /// <summary>Runs once, before the first input.</summary>
    protected virtual void OnBegin()
    {
    }

    /// <summary>Runs for each input, once when there is no pipeline.</summary>
    protected virtual void OnRecord()
    {
    }

    /// <summary>Runs once, after the last input; not when input was piped and none of it could be bound.</summary>
    protected virtual void OnEnd()
    {
    }

    /// <summary>Waits for work that has nothing to say before it ends.</summary>
    protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work(StoppingToken).GetAwaiter().GetResult();
    }

    /// <summary>
    /// Runs work off the pipeline thread; what it hands to its <see cref="PipelineOutput"/> is written on the pipeline
    /// thread as soon as it is there.
    /// </summary>
    protected void Run(Func<PipelineOutput, CancellationToken, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(StoppingToken);
        using var output = new PipelineOutput(this);
        output.Pump(() => work(output, cancellation.Token), cancellation);
    }

    /// <summary>The file system folder this session is in, which is not the one of the process.</summary>
    protected string CurrentDirectory => SessionState.Path.CurrentFileSystemLocation.ProviderPath;

    /// <summary>The full file system path of what the user typed; it need not exist.</summary>
    protected string ResolvePath(string path)
    {
        var resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return provider.Name == "FileSystem"
            ? resolved
            : throw new StreamingException(
                ErrorIds.PathNotFileSystem,
                StreamingErrorKind.InvalidInput,
                $"'{path}' is a path of the provider {provider.Name}.",
                "Use a path in the file system.",
                path);
    }

    /// <summary>Emits a file as Get-Item does, so that PowerShell's view of files has all its columns.</summary>
    protected void WriteFile(string path) => WriteObject(InvokeProvider.Item.Get([path], force: true, literalPath: true), enumerateCollection: true);

    /// <summary>The tables of metadata: of a path, of a document, or the default ones.</summary>
    private protected StreamModel ReadMetadata(string? metadata, OwnGenerators own) => metadata is not null && MetadataReader.IsText(metadata)
        ? MetadataReader.Parse(metadata, own: own)
        : MetadataReader.Load(metadata is null ? null : ResolvePath(metadata), own);

    private bool IsErrorSilenced =>
        MyInvocation.BoundParameters.TryGetValue("ErrorAction", out var action)
        && action is ActionPreference.SilentlyContinue or ActionPreference.Ignore;

    /// <summary>True when the command was told to stop: by Ctrl+C, by a command behind it in the pipeline, or by a signal to the process.</summary>
    protected bool IsStopping => Stopping || TerminationSignals.IsEnding;

    /// <summary>An error as the user sees it, who may be told more than the engine knew.</summary>
    private protected virtual Exception Complete(Exception exception) => exception;

    private void Guard(Action<StreamingCmdlet> step)
    {
        TerminationSignals.Enter(_stopping);
        try
        {
            step(this);
        }
        catch (OperationCanceledException exception) when (IsStopping || exception.InnerException is PipelineStoppedException)
        {
            throw new PipelineStoppedException();
        }
        catch (StreamingException error) when (IsStopping)
        {
            // A stopped pipeline shows no errors any more, and what became of a commit is worth knowing.
            Host.UI.WriteErrorLine(error.Message);
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (exception is not (PipelineStoppedException or RuntimeException))
        {
            var error = Complete(exception).ToErrorRecord();

            // A terminating error is what try and catch see. Whoever asks for silence wants the pipeline to go on, which a terminating
            // error does not let it; the command itself has ended either way.
            if (!IsErrorSilenced)
            {
                ThrowTerminatingError(error);
            }

            _hasFailed = true;
            WriteError(error);
        }
        finally
        {
            TerminationSignals.Leave(_stopping);
        }
    }
}
