using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>A valid index over all rows of a table, without expressions, that finds rows by equality.</summary>
/// <param name="Name">Name.</param>
/// <param name="IsPrimaryKey">True for the index of the primary key.</param>
/// <param name="Columns">Columns in order; those that are only included are left out.</param>
/// <param name="IsUnique">True when no two rows have the same values in all columns.</param>
internal sealed record LiveIndex(string Name, bool IsPrimaryKey, IReadOnlyList<string> Columns, bool IsUnique)
{
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
}
