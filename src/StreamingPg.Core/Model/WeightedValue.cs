namespace StreamingPg.Core.Model;

/// <summary>A value that a column may have, and how often.</summary>
/// <param name="Value">The value: text, decimal, double or bool.</param>
/// <param name="Weight">Its weight among the others; 0 and up.</param>
public sealed record WeightedValue(object Value, double Weight);
