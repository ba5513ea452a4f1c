using System.CommandLine;
using System.Text.Json;
using StreamingPg.Core.Loading.Batches;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>A command with examples for its help, <c>--json</c>, and errors that become a message and an exit code.</summary>
internal sealed class StreamingCommand : Command
{
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Write JSON lines: names in snake_case, durations in seconds, times in UTC",
    };

    public StreamingCommand(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    /// <summary>Command lines that show the use of the command, without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>
    /// True when the command commits work and then tells of it. Whether the telling succeeds says nothing of the work: who sees the
    /// exit code of a failure would do it again.
    /// </summary>
    public bool CommitsWork { get; init; }

    /// <summary>Says what the command does with what was asked, and gives it the door to standard output.</summary>
    public void Run(Func<ParseResult, ResultWriter, CancellationToken, Task<int>> action)
    {
        Options.Add(_json);
        SetAction(async (parsed, cancellationToken) =>
        {
            var json = parsed.GetValue(_json);
            try
            {
                return await action(parsed, new ResultWriter(json, CommitsWork), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
            {
                Report(exception as BatchCancelledException, json);
                return ExitCode.Cancelled;
            }
            catch (Exception exception)
            {
                // Whatever it was becomes a message and an exit code, never a stack trace.
                var error = exception as StreamingException ?? Unexpected(exception);
                Report(error, json);
                return error.Kind == StreamingErrorKind.InvalidInput ? ExitCode.WrongUsage : ExitCode.Failed;
            }
        });
    }

    private static StreamingException Unexpected(Exception exception) => exception switch
    {
        IOException or UnauthorizedAccessException => new StreamingException(
            "FileAccessFailed",
            StreamingErrorKind.Unexpected,
            $"A file or standard output cannot be read or written: {exception.Message}",
            "Check that the disk has space and that you may use the file.",
            innerException: exception),
        _ => new StreamingException(
            "Unexpected",
            StreamingErrorKind.Unexpected,
            $"{exception.GetType().Name}: {exception.Message}",
            "This is a fault of streamingpg: please report it with the command line.",
            innerException: exception),
    };

    private static void Report(BatchCancelledException? batch, bool json)
    {
        if (json)
        {
            var body = new CancelledBody(batch?.Message ?? "Cancelled.", batch?.BatchId, batch?.LoadedChunks ?? [], batch?.Chunks, batch?.Remedy ?? "");
            ErrorOutput.WriteLine(JsonSerializer.Serialize(new CancelledLine(body), OutputJson.Lines.CancelledLine));
        }
        else
        {
            ErrorOutput.WriteLine(batch is null ? "streamingpg: cancelled" : $"streamingpg: {batch.Message}");
        }
    }

    private static void Report(StreamingException exception, bool json)
    {
        if (json)
        {
            var error = new ErrorLine(new ErrorBody(exception.ErrorId, exception.Kind, exception.Message, exception.Remedy));
            ErrorOutput.WriteLine(JsonSerializer.Serialize(error, OutputJson.Lines.ErrorLine));
        }
        else
        {
            ErrorOutput.WriteLine($"streamingpg: {DisplayText.Plain(exception.Message)}");
        }
    }
}
