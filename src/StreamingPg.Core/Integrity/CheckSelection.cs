using System.IO.Enumeration;

namespace StreamingPg.Core.Integrity;

/// <summary>Which checks are wanted, by their names.</summary>
internal sealed class CheckSelection(IReadOnlyList<string> patterns)
{
    private readonly List<string> _names = [];
    private bool _matched;

    /// <summary>True when a check is wanted. Case does not matter.</summary>
    public bool Wants(string check)
    {
        _names.Add(check);
        var wanted = patterns.Count == 0
            || patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, check, ignoreCase: true));
        _matched |= wanted;
        return wanted;
    }

    /// <summary>Once all checks have been asked for.</summary>
    /// <exception cref="StreamingException">None of them was wanted: a name that is misspelt must not pass as a proof.</exception>
    public void RequireMatch()
    {
        if (patterns.Count > 0 && !_matched)
        {
            throw new StreamingException(
                "NoSuchCheck",
                StreamingErrorKind.InvalidInput,
                $"No check is called {string.Join(" or ", patterns.Select(pattern => $"\"{pattern}\""))}.",
                $"The checks are: {string.Join("; ", _names.Distinct())}. * stands for any text.");
        }
    }
}
