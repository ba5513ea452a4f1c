using System.CommandLine;
using System.CommandLine.Help;
using StreamingPg.Cli.Commands;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>All commands of <c>streamingpg</c>, in the order of its help.</summary>
internal static class CommandTree
{
    /// <summary>The program with its commands.</summary>
    public static Command Create() => new("streamingpg", "Generates related fake data, loads it into PostgreSQL with every foreign key verified, checks it and shows how it grows.")
    {
        ServerCommand.Create(),
        TestCommand.Create(),
        MetadataCommand.Create(),
        GeneratorsCommand.Create(),
        LocalesCommand.Create(),
        MetadataFileCommands.CreateNew(),
        MetadataFileCommands.CreateTest(),
        MetadataFileCommands.CreateExport(),
        InitCommand.Create(),
        UpdateSchemaCommand.Create(),
        PublicationCommand.Create(),
        BatchCommand.Create(),
        FillCommand.Create(),
        BackfillCommand.Create(),
        StreamCommand.Create(),
        GenerateCommand.Create(),
        ImportCommand.Create(),
        CheckCommand.Create(),
        PruneCommand.Create(),
        GrowthCommand.Create(),
        WatchCommand.Create(),
        DashboardCommand.Create(),
        LedgerCommand.Create(),
        CloseCommand.Create(),
        ClearCommand.Create(),
        RemoveSchemaCommand.Create(),
        RowsCommand.Create(),
        QueryCommand.Create(),
        SnapshotCommand.Create(),
        PsqlCommand.Create(),
        RelationsCommand.Create(),
        ActivityCommand.Create(),
        SalesCommand.Create(),
        EventsCommand.Create(),
        LikenessCommand.Create(),
        ExportCommand.Create(),
        ReportCommand.Create(),
        HealthCommand.Create(),
        McpCommand.Create(),
        CompletionCommand.Create(),
        new HelpOption(),
        new VersionOption(),
    };
}
