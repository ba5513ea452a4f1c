using System.Text.RegularExpressions;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>An index of a live table.</summary>
/// <param name="Name">Name.</param>
/// <param name="Columns">Its columns in order; expressions and included columns are left out.</param>
internal sealed partial record DiscoveredIndex(string Name, IReadOnlyList<string> Columns)
{
    public bool IsPrimaryKey { get; init; }

    public bool IsUnique { get; init; }

    /// <summary>True when it is over all rows, without expressions, and finds rows by equality.</summary>
    public bool IsPlain { get; init; }

    /// <summary>SQL of what it is over, in order: columns, and expressions.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>SQL of the condition that its rows satisfy; null when it is over all of them.</summary>
    public string? Predicate { get; init; }

    /// <summary>
    /// The columns that must be different for its sake, as metadata has them: those it is over, and those whose lower or upper case
    /// it is over. Null where there is another expression.
    /// </summary>
    public DistinctModel? ToDistinct()
    {
        var keys = Keys.Select(key => Folded().Match(key) is { Success: true } match
            ? (Column: match.Groups["column"].Value, Fold: match.Groups["fold"].Value)
            : (Column: key, Fold: null)).ToList();
        var columns = keys.ConvertAll(key => key.Column.StartsWith('"') ? key.Column[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : key.Column);
        var folds = keys.Select(key => key.Fold).OfType<string>().Distinct().ToList();
        return folds.Count > 1 || columns.Distinct().Count() < columns.Count ? null : new DistinctModel(columns, folds.FirstOrDefault());
    }

    [GeneratedRegex("""^(?<fold>lower|upper)\((?<column>\w+|"([^"]|"")+")(::text)?\)$""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Folded();

    /// <summary>True when NULL may come once only.</summary>
    public bool NullsEqual { get; init; }
}
