using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The usual help, with the command's examples, or the exit codes of the program itself, at its end.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Whoever asks for help gets it, whatever else is wrong with the command line.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        foreach (var option in (parseResult.CommandResult.Command as StreamingCommand)?.Options ?? [])
        {
            // The aliases are names of before: they work, and nobody need learn them.
            option.Aliases.Clear();
        }

        var result = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is StreamingCommand command)
        {
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
            {
                output.WriteLine($"  streamingpg {example}");
            }
        }
        else if (parseResult.CommandResult.Parent is null)
        {
            output.WriteLine("Exit codes:");
            output.WriteLine("  0 success, 1 failure, 2 wrong usage, 3 integrity violated, 130 cancelled");
        }

        output.WriteLine();
        return result;
    }
}
