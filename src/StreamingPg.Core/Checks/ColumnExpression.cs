namespace StreamingPg.Core.Checks;

/// <summary>A column; in a domain's CHECK the word VALUE, which is read as a column <c>value</c>.</summary>
/// <param name="Name">Its name.</param>
internal sealed record ColumnExpression(string Name) : SqlExpression
{
    /// <inheritdoc/>
    protected internal override IEnumerable<string> AllColumns() => [Name];
}
