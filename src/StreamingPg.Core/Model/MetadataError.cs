namespace StreamingPg.Core.Model;

/// <summary>Makes the error for metadata that cannot be used.</summary>
internal static class MetadataError
{
    /// <summary>Names that differ in more letters than this are no misspelling of each other.</summary>
    private const int MaxTypos = 3;

    /// <param name="source">The file.</param>
    /// <param name="place">Where in it: <c>table</c>, <c>table.column</c>; empty for the whole.</param>
    /// <param name="reason">What is wrong there, a clause without a full stop.</param>
    /// <param name="remedy">What to do, a sentence.</param>
    /// <param name="cause">The exception behind it.</param>
    public static StreamingException At(
        string source, string place, string reason, string remedy = "", Exception? cause = null) =>
        new(
            ErrorIds.InvalidMetadata,
            StreamingErrorKind.InvalidMetadata,
            place.Length == 0 ? $"{source}: {reason}." : $"{source}, {place}: {reason}.",
            remedy,
            place.Length == 0 ? source : place,
            cause);

    /// <summary>A question naming the nearest of the known names, or a sentence listing them.</summary>
    public static string Suggest(string name, IReadOnlyCollection<string> known)
    {
        var nearest = known
            .Where(candidate => Math.Abs(candidate.Length - name.Length) <= MaxTypos)
            .Select(candidate => (Name: candidate, Typos: CountTypos(name, candidate)))
            .Where(candidate => candidate.Typos <= Math.Min(MaxTypos, candidate.Name.Length / 2))
            .OrderBy(candidate => candidate.Typos)
            .FirstOrDefault();
        return nearest.Name is not null ? $"Did you mean \"{nearest.Name}\"?" : $"Known names: {string.Join(", ", known)}.";
    }

    /// <summary>The same in brackets, within a sentence.</summary>
    public static string SuggestWithin(string name, IReadOnlyCollection<string> known)
    {
        var suggestion = Suggest(name, known).TrimEnd('.');
        return $"({char.ToLowerInvariant(suggestion[0])}{suggestion[1..]})";
    }

    /// <summary>Levenshtein's distance, case ignored.</summary>
    private static int CountTypos(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]);
                var replaced = previous[j - 1] + (same ? 0 : 1);
                current[j] = Math.Min(replaced, 1 + Math.Min(previous[j], current[j - 1]));
            }

            (previous, current) = (current, previous);
        }

        return previous[right.Length];
    }
}
