using System.CommandLine;
using System.CommandLine.Help;
using StreamingPg.Cli.Commands;
using StreamingPg.Cli.Infrastructure;

var root = new Command("streamingpg", "Generates related fake data, loads it into PostgreSQL, checks it and shows its growth.")
{
    ServerCommand.Create(),
    TestCommand.Create(),
    MetadataCommand.Create(),
    InitCommand.Create(),
    UpdateSchemaCommand.Create(),
    BatchCommand.Create(),
    StreamCommand.Create(),
    GenerateCommand.Create(),
    ImportCommand.Create(),
    CheckCommand.Create(),
    PruneCommand.Create(),
    GrowthCommand.Create(),
    WatchCommand.Create(),
    LedgerCommand.Create(),
    RelationsCommand.Create(),
    ActivityCommand.Create(),
    SalesCommand.Create(),
    ReportCommand.Create(),
    HealthCommand.Create(),
    new HelpOption(),
    new VersionOption(),
};
var help = root.Options.OfType<HelpOption>().Single();
help.Action = new HelpWithExamples((HelpAction)help.Action!);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine($"streamingpg: {error.Message}");
    }

    Console.Error.WriteLine("streamingpg: --help says what can be asked.");
    return ExitCode.WrongUsage;
}

// Time for a cancelled batch to roll back before the process is ended.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) })
    .ConfigureAwait(false);
