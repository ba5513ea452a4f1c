namespace StreamingPg.Core.Checks;

/// <summary>An expression of SQL, or a part of one.</summary>
internal abstract record SqlExpression
{
    /// <summary>The columns it names, each once.</summary>
    public IReadOnlyList<string> Columns => [.. AllColumns().Distinct(StringComparer.Ordinal)];

    /// <summary>The columns it names, as often as it does.</summary>
    protected internal virtual IEnumerable<string> AllColumns() => [];
}
