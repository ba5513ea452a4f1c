using System.Reflection;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Rights;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Doors;

/// <summary>Each command says what it does with the database, so that its errors can name the rights it needs; and the docs list them.</summary>
public sealed class RightsTests
{
    // These need no rights, or tell of what is missing as their result.
    private static readonly string[] WithoutPurpose = ["test", "metadata", "generators", "locales", "likeness", "fill", "generate", "query", "completion", "psql", "new-metadata", "test-metadata", "export-metadata", "publication", "server start", "server stop", "server status", "server upgrade", "server remove", "snapshot save", "snapshot restore", "snapshot list", "snapshot remove"];

    private static readonly Dictionary<RightsObject, string> Objects = new()
    {
        [RightsObject.Schema] = "the schema",
        [RightsObject.Tables] = "the tables",
        [RightsObject.Parents] = "the tables that others refer to",
        [RightsObject.AgingTables] = "the tables whose rows age",
        [RightsObject.ColumnOfAgingTables] = "a column of each of them",
        [RightsObject.ColumnOfTables] = "a column of each table",
        [RightsObject.ColumnOfParents] = "a column of the tables that others refer to",
        [RightsObject.PartitionedTables] = "these",
        [RightsObject.UnenforcedParents] = "the tables that they refer to",
        [RightsObject.ColumnOfUnenforcedParents] = "a column of the tables that they refer to",
        [RightsObject.UnenforcedChildren] = "the tables that have them",
        [RightsObject.Sums] = "the columns that sum up other rows",
        [RightsObject.ReferringKeys] = "foreign keys of other tables to these",
        [RightsObject.OutsideParents] = "tables of other schemas that are referred to",
        [RightsObject.Sequences] = "the sequences",
        [RightsObject.LiveTables] = "all tables of the schema",
        [RightsObject.ColumnOfLiveParents] = "a column of those that others refer to",
        [RightsObject.LiveOutsideParents] = "tables of other schemas that they refer to",
        [RightsObject.LiveSequences] = "the sequences of its tables",
        [RightsObject.Ledger] = "the ledger",
        [RightsObject.Database] = "the database",
        [RightsObject.ReplicationRole] = "the parameter session_replication_role",
        [RightsObject.Owner] = "the tables",
    };

    [Fact]
    public void Every_command_of_the_command_line_has_its_purpose() => Assert.Equal(
        WithoutPurpose.Order(),
        CommandLineDoor.Commands().Where(command => ((StreamingCommand)command.Value).Purposes.Count == 0).Select(command => command.Key).Order());

    [Fact]
    public void Both_doors_have_the_same_purpose()
    {
        foreach (var (command, cmdlet, _) in ParityTests.Pairs.Where(pair => !WithoutPurpose.Contains(pair.Command) && pair.Command != "stream"))
        {
            var type = typeof(ConnectedCmdlet).Assembly.GetExportedTypes().Single(type => type.Name == $"{cmdlet.Replace("-", "", StringComparison.Ordinal)}Command");
            var property = type.GetProperty("Purposes", BindingFlags.Instance | BindingFlags.NonPublic)!;
            Assert.Equal(
                ((StreamingCommand)CommandLineDoor.Commands()[command]).Purposes,
                (IReadOnlyList<ConnectionPurpose>)property.GetValue(Activator.CreateInstance(type))!);
        }
    }

    [Fact]
    public void The_docs_list_the_rights_of_every_purpose()
    {
        var page = RepositoryFile.Read("docs", "security.md");
        Assert.All(Enum.GetValues<ConnectionPurpose>(), purpose => Assert.Contains(LineOf(purpose), page, StringComparison.Ordinal));
    }

    private static string LineOf(ConnectionPurpose purpose) => $"| `{purpose}` | {Rights(purpose, null)} | {string.Join("<br>", Cases(purpose))} |";

    private static IEnumerable<string> Cases(ConnectionPurpose purpose) => RightsTable.Of(purpose).Select(right => right.Case).OfType<string>().Distinct()
        .Select(option => $"{option}: {Rights(purpose, option)}");

    private static string Rights(ConnectionPurpose purpose, string? option) => string.Join("; ", RightsTable.Of(purpose)
        .Where(right => right.Case == option)
        .Select(right => right.On == RightsObject.Owner
            ? $"to be the owner of {Objects[right.On]}"
            : $"{string.Join(", ", right.Privileges.Select(privilege => $"`{privilege}`"))} on {Objects[right.On]}"));
}
