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
    public void Every_error_takes_its_id_from_the_list() =>
        Assert.Empty(Sources().SelectMany(text => Literal().Matches(text)).Select(match => match.Groups["id"].Value));

    [Fact]
    public void Each_listed_id_is_in_use()
    {
        var texts = Sources().ToList();
        Assert.DoesNotContain(Listed, id => !texts.Exists(text => text.Contains($"\"{id}\"", StringComparison.Ordinal)
            || Regex.IsMatch(text, $@"\bErrorIds\.{id}\b")));
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
    private static partial Regex Literal();

    [GeneratedRegex("^    ([A-Z][a-zA-Z]+)\r?\n        [A-Z.-]", RegexOptions.Multiline)]
    private static partial Regex HelpId();
}
