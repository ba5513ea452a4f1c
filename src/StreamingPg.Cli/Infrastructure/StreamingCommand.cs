using System.CommandLine;
using System.Text.Json;

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

    /// <summary>Says what the command does with what was asked, and gives it the door to standard output.</summary>
    public void Run(Func<ParseResult, ResultWriter, CancellationToken, Task<int>> action)
    {
        Options.Add(_json);
        SetAction(async (parsed, cancellationToken) =>
        {
            var json = parsed.GetValue(_json);
            try
            {
                return await action(parsed, new ResultWriter(json), cancellationToken).ConfigureAwait(false);
            }
            catch (StreamingException exception)
            {
                Report(exception, json);
                return exception.Kind == StreamingErrorKind.InvalidInput ? ExitCode.WrongUsage : ExitCode.Failed;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("streamingpg: cancelled").ConfigureAwait(false);
                return ExitCode.Cancelled;
            }
        });
    }

    private static void Report(StreamingException exception, bool json)
    {
        if (json)
        {
            var error = new ErrorLine(new ErrorBody(exception.ErrorId, exception.Kind, exception.Message, exception.Remedy));
            Console.Error.WriteLine(JsonSerializer.Serialize(error, OutputJson.Lines.ErrorLine));
        }
        else
        {
            Console.Error.WriteLine($"streamingpg: {exception.Message}");
        }
    }
}
