namespace StreamingPg.Core.Checks;

/// <summary>An operator or a function with its arguments; <c>list</c> for ARRAY[...] and the list of IN.</summary>
/// <param name="Name">Operator or function in lower case; a schema before it is left out.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record CallExpression(string Name, IReadOnlyList<SqlExpression> Arguments) : SqlExpression
{
    /// <inheritdoc/>
    protected internal override IEnumerable<string> AllColumns() => Arguments.SelectMany(argument => argument.AllColumns());
}
