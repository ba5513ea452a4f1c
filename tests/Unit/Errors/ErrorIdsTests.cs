using System.Reflection;
using System.Text.RegularExpressions;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Errors;

/// <summary>Every id that is thrown stands in the one list, and the list stands in the help.</summary>
public sealed partial class ErrorIdsTests
{
    private static IReadOnlyList<string> Listed { get; } =
        [.. typeof(ErrorIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void Each_id_in_the_sources_is_listed()
    {
        var thrown = Sources().SelectMany(text => Thrown().Matches(text)).Select(match => match.Groups["id"].Value).ToHashSet();

        Assert.True(thrown.Count > 100, $"Only {thrown.Count} ids were found: the sources are written in another way.");
        Assert.Empty(thrown.Except(Listed).Order());
    }

    [Fact]
    public void Each_listed_id_is_in_the_sources()
    {
        var texts = Sources().ToList();
        Assert.DoesNotContain(Listed, id => !texts.Exists(text =>
            text.Contains($"\"{id}\"", StringComparison.Ordinal) || text.Contains($"ErrorIds.{id},", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_help_lists_them_all()
    {
        var help = RepositoryFile.Read("docs", "en-US", "about_StreamingPg_Errors.help.txt");
        Assert.Equal(Listed.Order(StringComparer.Ordinal), HelpId().Matches(help).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Sources() => Directory
        .EnumerateFiles(RepositoryFile.Path("src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            && Path.GetFileName(path) != "ErrorIds.cs")
        .Select(File.ReadAllText);

    [GeneratedRegex("\"(?<id>[A-Z][A-Za-z]+)\",\\s*StreamingErrorKind\\.|new StreamingException\\(\\s*\"(?<id>[A-Z][A-Za-z]+)\"")]
    private static partial Regex Thrown();

    [GeneratedRegex("^    ([A-Z][a-zA-Z]+)\r?\n        [A-Z.-]", RegexOptions.Multiline)]
    private static partial Regex HelpId();
}
