namespace StreamingPg.Core.Model;

/// <summary>
/// Columns whose values are made different in all rows though no key asks for it: a unique index over a part of the rows does, or
/// one over <c>lower(...)</c> of a column.
/// </summary>
/// <param name="Columns">The columns, different together.</param>
/// <param name="Fold">The function, lower or upper, after which texts must still be different; null for none.</param>
public sealed record DistinctModel(IReadOnlyList<string> Columns, string? Fold);
