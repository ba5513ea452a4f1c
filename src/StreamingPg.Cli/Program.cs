using System.CommandLine;
using System.CommandLine.Help;
using StreamingPg.Cli.Infrastructure;

CultureData.Prepare();

var root = CommandTree.Create();
var help = root.Options.OfType<HelpOption>().Single();
help.Action = new HelpWithExamples((HelpAction)help.Action!);

var parsed = root.Parse(args);
// An empty value first: what else is wrong often follows from it.
var errors = parsed.GetResult(help) is null ? EmptyValue.Errors(parsed).ToList() : [];
if (errors.Count == 0)
{
    errors.AddRange(parsed.Errors.Select(static error => error.Message));
}

if (errors.Count > 0)
{
    foreach (var error in errors)
    {
        ErrorOutput.WriteLine($"streamingpg: {error}");
    }

    ErrorOutput.WriteLine("streamingpg: Run 'streamingpg <command> --help' for usage.");
    return ExitCode.WrongUsage;
}

// Time for a cancelled batch to roll back before the process is ended.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) })
    .ConfigureAwait(false);
