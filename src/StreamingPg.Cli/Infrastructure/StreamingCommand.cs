using System.CommandLine;
using System.CommandLine.Parsing;
using StreamingPg.Core.Files;
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

    /// <summary>What the command does with the database, the usual first: its errors name the rights that are missing for that.</summary>
    public IReadOnlyList<ConnectionPurpose> Purposes { get; set; } = [];

    /// <summary>Adds options in the order in which help lists them.</summary>
    public void AddOptions(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
        {
            Options.Add(option);
        }
    }

    /// <summary>Adds a rule between options.</summary>
    public void Check(Action<CommandResult> rule) => Validators.Add(result =>
    {
        try
        {
            rule(result);
        }
        catch (InvalidOperationException)
        {
            // An option without its value, or with one that cannot be read: the parser says so itself.
        }
    });

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
                ErrorOutput.Report(exception as BatchCancelledException, json);
                return ExitCode.Cancelled;
            }
            catch (Exception exception)
            {
                // Whatever it was becomes a message and an exit code, never a stack trace.
                var error = exception as StreamingException ?? Unexpected(exception);
                error = await DatabaseOptions.NameRightsAsync(error, parsed, Purposes, cancellationToken).ConfigureAwait(false);
                ErrorOutput.Report(error, json);
                return error.Kind == StreamingErrorKind.InvalidInput ? ExitCode.WrongUsage : ExitCode.Failed;
            }
        });
    }

    private static StreamingException Unexpected(Exception exception) => UserFile.IsError(exception)
        ? UserFile.Error(exception)
        : new StreamingException(
            ErrorIds.Unexpected,
            StreamingErrorKind.Unexpected,
            $"{exception.GetType().Name}: {exception.Message}",
            "This is a bug in streamingpg; please report it with the command line.",
            innerException: exception);
}

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>The job was done.</summary>
    public const int Done = 0;

    /// <summary>The job failed; standard error says why and what to do.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood, or asks for something impossible.</summary>
    public const int WrongUsage = 2;

    /// <summary>The check was done and found rows that break referential integrity, uniqueness or a sequence.</summary>
    public const int IntegrityViolated = 3;

    /// <summary>Stopped by Ctrl+C or SIGTERM; by a shell's convention 128 and the number of SIGINT.</summary>
    public const int Cancelled = 130;
}
