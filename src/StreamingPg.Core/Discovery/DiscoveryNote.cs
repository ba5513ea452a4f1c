namespace StreamingPg.Core.Discovery;

/// <summary>Something in a live schema that metadata cannot take over as it is.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column; null when it concerns the table.</param>
/// <param name="Problem">What it is, a sentence without its subject.</param>
/// <param name="Remedy">What to do, a sentence; empty when there is nothing to do.</param>
internal sealed record DiscoveryNote(string Table, string? Column, string Problem, string Remedy)
{
    /// <summary>The note as one text.</summary>
    public override string ToString() => $"{Table}{(Column is null ? "" : "." + Column)}: {Problem} {Remedy}".TrimEnd();
}
