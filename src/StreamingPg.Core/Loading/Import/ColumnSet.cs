namespace StreamingPg.Core.Loading.Import;

/// <summary>Some columns of a table, by their place in the model.</summary>
public sealed class ColumnSet : IEquatable<ColumnSet>
{
    private readonly int[] _indexes;

    /// <summary>A set of the columns at these places.</summary>
    public ColumnSet(IEnumerable<int> indexes) => _indexes = [.. indexes.Distinct().Order()];

    /// <summary>True when the column at this place is in the set.</summary>
    public bool Contains(int index) => Array.BinarySearch(_indexes, index) >= 0;

    /// <inheritdoc/>
    public bool Equals(ColumnSet? other) =>
        other is not null && (ReferenceEquals(_indexes, other._indexes) || _indexes.AsSpan().SequenceEqual(other._indexes));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ColumnSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _indexes.Aggregate(0, HashCode.Combine);
}
