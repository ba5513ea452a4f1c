namespace StreamingPg.Core.Model;

/// <summary>The sum, over the child rows of a row, of the product of some of their columns.</summary>
/// <param name="Table">The child table.</param>
/// <param name="Columns">Its columns whose product is summed up.</param>
public sealed record SumModel(string Table, IReadOnlyList<string> Columns);
