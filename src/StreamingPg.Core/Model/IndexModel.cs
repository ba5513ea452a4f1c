namespace StreamingPg.Core.Model;

/// <summary>An index of a table.</summary>
/// <param name="Columns">Its columns, in order.</param>
/// <param name="IsUnique">True when no two rows may have the same values in them.</param>
public sealed record IndexModel(IReadOnlyList<string> Columns, bool IsUnique);
