using System.Text.RegularExpressions;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Texts;

/// <summary>Texts that users see use the field's words: rows are verified, a transient error is retried, a large batch has chunks.</summary>
public sealed partial class RetiredWordsTests
{
    /// <summary>A pattern of what is not said any more, and what is said instead. A blank stands for any white space, so that line ends hide nothing.</summary>
    private static readonly (Regex Pattern, string Instead)[] Retired =
    [
        Word("passing reasons?|errors? that pass(es)?|failures? that pass(es)?", "transient error"),
        Word("prove[sdn]?|proving|proofs?", "verify, verification"),
        Word("repeats?(?= (of|up to|with|after)\\b)|most repeats|(is|are|was|were|to be|being) repeated|repeats (what|work|a failed)|a repeat|each repeat", "retry"),
        Word("(into|smaller|remaining|missing|first|load|odd number of|its \\S+) parts?(?! of)|part(s)? of a batch", "chunk"),
        Word("trips?", "round trip, or batch of commands", "round trip", "round trips"),
        Word("ties?|tied", "shared parent"),
        Word("lanes?|spools?|slices?", "segment, temporary file"),
        Word("late rows|later references", "deferred rows, deferred references"),
        Word("so (long|many)(?! as)", "this long, this many; at most"),
        Word("g[ai]ves? no sign", "is silent"),
        Word("shape watch(es)?|stall guards?|broken sessions?|unanswered commits?", "schema change detector, watchdog, dead backend, commit in doubt"),
        Word("can be asked|what is wrong is refused", "see --help; is rejected"),
        Word("mend(s|ed|ing)?", "fix, correct"),
        Word("(each|every|per|and|many|more|one) looks?(?! at\\b)|(each|every|a|the) look(?= (at|is|takes|over)\\b)|the looks", "refresh"),
        Word("clash(es|ed)?", "conflict"),
        Word("c(a|o)mes? about|(write|written|writes|create|creates|built|begin|begins|set|made|read|reads) anew", "was created; again"),
        Word("(is|are) there already|(that|what|which) (is|are) there", "already exists, existing"),
        Word("go(es)? on with", "resume, continue"),
        Word("most (rows|connections|batches|retries)(?= (of|to|that|removed)\\b)", "maximum"),
    ];

    [Fact]
    public void No_text_says_what_the_glossary_retires()
    {
        var pages = Pages().Select(path => (Path: path, Text: RepositoryFile.Read(path)));
        var sources = Sources("src").Select(path => (Path: path, Text: UserTexts(RepositoryFile.Read(path), path)));

        var found = pages.Concat(sources).SelectMany(file => Found(file.Path, file.Text)).Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [InlineData("throw new StreamingException(\"It failed for a passing\\nreason\");", "passing reason")]
    [InlineData("var text = $\"the {name} is proven\";", "proven")]
    [InlineData("// proven\nvar proven = \"verified, in one round trip\";", null)]
    public void String_literals_are_searched_and_code_is_not(string code, string? found) =>
        Assert.Equal(found is null ? [] : [found], Found("a.cs", UserTexts(code, "src/a.cs")).Select(text => text.Split('"')[1]));

    /// <summary>Everything that ships or that contributors read; of the changelog, what is not released and the newest version.</summary>
    private static IEnumerable<string> Pages() =>
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", .. Files("docs", "*.md"), .. Files("docs", "*.txt"), .. Files("docs", "*.yml"), .. Files("docs", "*.json"), .. Files("module", "*")];

    private static IEnumerable<string> Sources(string folder) => Files(folder, "*.cs").Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(RepositoryFile.Path(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RepositoryFile.Path(), path).Replace('\\', '/'));

    /// <summary>The code with everything blanked but string literals, and the documentation of public types. Lines stay where they are.</summary>
    private static string UserTexts(string code, string path) => Token().Replace(code, token => token switch
    {
        { Groups: [_, { Success: true }, ..] } => token.Value.Replace("\\n", "  ", StringComparison.Ordinal),
        _ when path.StartsWith("src/StreamingPg/", StringComparison.Ordinal) && token.Value.StartsWith("///", StringComparison.Ordinal) => token.Value.Replace("///", "   ", StringComparison.Ordinal),
        _ => Blank().Replace(token.Value, " "),
    });

    private static IEnumerable<string> Found(string path, string text)
    {
        text = path == "CHANGELOG.md" ? Newest().Match(text.ReplaceLineEndings("\n")).Value : text;
        return Retired.SelectMany(word => word.Pattern.Matches(text).Select(match =>
            $"{path}:{1 + text.AsSpan(0, match.Index).Count('\n')}: \"{WhiteSpace().Replace(match.Value, " ")}\"; the glossary says: {word.Instead}"));
    }

    private static (Regex Pattern, string Instead) Word(string pattern, string instead, params string[] allowed)
    {
        var except = allowed.Length == 0 ? string.Empty : $"(?<!{string.Join('|', allowed.Select(Before))})";
        return (new Regex($@"(?<![\w-]){except}(?:{pattern})(?![\w-])".Replace(" ", @"\s+", StringComparison.Ordinal), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), instead);
    }

    /// <summary>What stands before the last word of an allowed phrase.</summary>
    private static string Before(string phrase) => phrase[..(phrase.LastIndexOf(' ') + 1)];

    // A comment, a string literal (group 1), a character, or code. An interpolation with a literal in it is read as several literals.
    [GeneratedRegex("//[^\\n]*|(\\$*\"\"\"+.*?\"\"\"+|\\$?@\\$?\"(?:[^\"]|\"\")*\"|\\$?\"(?:[^\"\\\\\\n]|\\\\.)*\")|'(?:[^'\\\\]|\\\\.)+'|[^/\"'$@]+|.", RegexOptions.Singleline)]
    private static partial Regex Token();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"^## \[Unreleased\].*?^## .*?(?=^## |\z)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Newest();
}
