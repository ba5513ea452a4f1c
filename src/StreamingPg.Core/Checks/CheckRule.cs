namespace StreamingPg.Core.Checks;

/// <summary>One thing that a CHECK demands of a column.</summary>
/// <param name="Column">The column; <c>value</c> in a domain's CHECK.</param>
/// <param name="Kind">What is demanded.</param>
/// <param name="Operands">Constants as text, or the name of another column.</param>
internal sealed record CheckRule(string Column, CheckRuleKind Kind, IReadOnlyList<string> Operands)
{
    /// <summary>A rule of at most one operand.</summary>
    public static CheckRule Of(string column, CheckRuleKind kind, params string[] operands) => new(column, kind, operands);

    /// <summary>The only operand.</summary>
    public string Operand => Operands[0];
}
