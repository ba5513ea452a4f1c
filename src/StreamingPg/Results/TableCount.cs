namespace StreamingPg;

/// <summary>A number of rows of one table.</summary>
/// <param name="Table">Table name without schema.</param>
/// <param name="Rows">Number of rows.</param>
public sealed record TableCount(string Table, long Rows)
{
    /// <summary>The table and its rows, for display.</summary>
    public override string ToString() => $"{Table} {Rows}";
}
