namespace StreamingPg.Core.Model;

/// <summary>A time that comes at or after another one.</summary>
/// <param name="Table">The parent table whose time it follows; null for a column of the same row.</param>
/// <param name="Column">The column whose time it follows.</param>
/// <param name="Within">How long after it at most; null for no limit but the reference time.</param>
public sealed record AfterModel(string? Table, string Column, TimeSpan? Within)
{
    /// <summary>True when the two times must differ, as a CHECK may ask.</summary>
    public bool IsStrict { get; init; }
}
