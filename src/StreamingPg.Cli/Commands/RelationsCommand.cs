using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows how children are spread over their parents.</summary>
internal static class RelationsCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "relations",
            "Shows for each foreign key how many parents have children, and how many children a parent has.",
            "relations",
            "relations --since 2026-01-01 --json");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Analysis);
        var analytics = AnalyticsOptionGroup.AddTo(command, "children", "the row timestamp of their table");
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var relationships = await RelationshipReader.ReadAsync(
                connection, model, analytics.Read(parsed), cancellationToken).ConfigureAwait(false);
            output.Write(relationships, new TextTable<TableRelationship>()
                .Text("foreign key", relationship => relationship.ForeignKey)
                .Number("with", relationship => DisplayText.Count(relationship.ParentsWithChildren))
                .Number("without", relationship => DisplayText.Count(relationship.ParentsWithoutChildren))
                .Number("min", relationship => DisplayText.Count(relationship.MinChildren))
                .Number("average", relationship => relationship.AverageChildren.ToString("N1", CultureInfo.InvariantCulture))
                .Number("p95", relationship => DisplayText.Count(relationship.P95Children))
                .Number("max", relationship => DisplayText.Count(relationship.MaxChildren)));
            return ExitCode.Done;
        });
        return command;
    }
}
