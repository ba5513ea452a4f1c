using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Rooms;

/// <summary>docs/architecture.md tells of the engine as it is: its rooms, their references, and the types on the way of a batch.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Page = RepositoryFile.Read("docs/architecture.md").ReplaceLineEndings("\n");
    private static readonly string[] Drawings = [.. Drawing().Matches(Page).Select(match => match.Groups[1].Value)];

    [Fact]
    public void Each_room_has_its_line_and_the_lines_are_in_the_order_of_the_rooms() =>
        Assert.Equal(RoomOrderTests.BottomToTop.Select(Folder), RoomLine().Matches(Page[..Page.IndexOf("```mermaid", StringComparison.Ordinal)]).Select(match => match.Groups[1].Value));

    [Fact]
    public void The_drawing_of_the_rooms_has_each_room_and_only_references_that_there_are()
    {
        var label = NodeLabel().Matches(Drawings[0]).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        string Room(string node) => label.GetValueOrDefault(node, node);
        var drawn = Arrow().Matches(Drawings[0]).Select(match => (From: Room(match.Groups[1].Value), To: Room(match.Groups[2].Value))).ToList();
        var real = RoomOrderTests.References().Select(pair => (Folder(pair.From), Folder(pair.To))).ToHashSet();

        Assert.Equal(
            RoomOrderTests.BottomToTop.Select(Folder).Order(StringComparer.Ordinal),
            drawn.SelectMany(arrow => new[] { arrow.From, arrow.To }).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(drawn, arrow => !real.Contains(arrow));
    }

    [Fact]
    public void The_types_on_the_way_of_a_batch_exist()
    {
        var names = TypeName().Matches(Quoted().Replace(Drawings[1], string.Empty)).Select(match => match.Value).Except(["TB"]).Distinct().ToList();
        var types = RoomOrderTests.Architecture.Types.Select(type => type.Name).Append(nameof(BatchResult)).ToHashSet();

        Assert.True(names.Count > 15, Drawings[1]);
        Assert.DoesNotContain(names, name => !types.Contains(name));
    }

    private static string Folder(string room) => room.Replace('.', '/');

    [GeneratedRegex("```mermaid\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Drawing();

    [GeneratedRegex(@"^\| `([\w/]+)` \| \S.*\. \|$", RegexOptions.Multiline)]
    private static partial Regex RoomLine();

    [GeneratedRegex(@"(\w+)\[([\w/]+)\]")]
    private static partial Regex NodeLabel();

    [GeneratedRegex(@"^\s*(\w+)(?:\[[\w/]+\])? --> (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex("\"[^\"]*\"|\\[\\(.*?\\)\\]")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex TypeName();
}
