namespace StreamingPg.Core.Discovery;

/// <summary>An index of a live table.</summary>
/// <param name="Name">Name.</param>
/// <param name="Columns">Its columns in order; expressions and included columns are left out.</param>
internal sealed record DiscoveredIndex(string Name, IReadOnlyList<string> Columns)
{
    public bool IsPrimaryKey { get; init; }

    public bool IsUnique { get; init; }

    /// <summary>True when it is over all rows, without expressions, and finds rows by equality.</summary>
    public bool IsPlain { get; init; }

    /// <summary>True when NULL may come once only.</summary>
    public bool NullsEqual { get; init; }
}
