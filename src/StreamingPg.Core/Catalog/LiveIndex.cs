using System.Text.RegularExpressions;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>An index of a table in the database.</summary>
/// <param name="Name">Name.</param>
/// <param name="Columns">Columns in order; expressions, and columns that are only included, are left out.</param>
/// <param name="IsUnique">True when no two rows have the same values in all columns.</param>
internal sealed partial record LiveIndex(string Name, IReadOnlyList<string> Columns, bool IsUnique)
{
    /// <summary>True for the index of the primary key.</summary>
    public bool IsPrimaryKey { get; init; }

    /// <summary>True when it is over all rows, without expressions, and finds rows by equality.</summary>
    public bool IsPlain { get; init; } = true;

    /// <summary>False for one that CREATE INDEX CONCURRENTLY has not finished: it finds nothing and costs every write.</summary>
    public bool IsValid { get; init; } = true;

    /// <summary>True for one that an earlier attempt left unfinished and nobody works on.</summary>
    public bool IsAbandoned { get; init; }

    /// <summary>SQL of what it is over, in order: columns, and expressions.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>SQL of the condition that its rows satisfy; null when it is over all of them.</summary>
    public string? Predicate { get; init; }

    /// <summary>True when it is over what functions of the user's return.</summary>
    public bool CallsFunctions { get; init; }

    /// <summary>True when the index does what one of the model is for.</summary>
    public bool Serves(IndexModel wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return wanted.IsUnique
            ? IsUnique && Columns.ToHashSet(StringComparer.Ordinal).SetEquals(wanted.Columns)
            : Columns.Take(wanted.Columns.Count).SequenceEqual(wanted.Columns, StringComparer.Ordinal);
    }

    /// <summary>True when the index finds the rows with given values of these columns, whatever their order.</summary>
    public bool Covers(IReadOnlyCollection<string> columns) =>
        columns.Count <= Columns.Count && Columns.Take(columns.Count).ToHashSet(StringComparer.Ordinal).SetEquals(columns);

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
}
