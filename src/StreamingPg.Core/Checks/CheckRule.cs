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

/// <summary>What a CHECK demands of a column. NULL satisfies everything but <see cref="NotNull"/>, as in PostgreSQL.</summary>
internal enum CheckRuleKind
{
    /// <summary>At least the operand.</summary>
    AtLeast,

    /// <summary>More than the operand.</summary>
    MoreThan,

    /// <summary>At most the operand.</summary>
    AtMost,

    /// <summary>Less than the operand.</summary>
    LessThan,

    /// <summary>One of the operands.</summary>
    OneOf,

    /// <summary>None of the operands.</summary>
    NoneOf,

    /// <summary>Text of at least this many characters.</summary>
    LengthAtLeast,

    /// <summary>Text of at most this many characters.</summary>
    LengthAtMost,

    /// <summary>At least this many bytes.</summary>
    OctetsAtLeast,

    /// <summary>At most this many bytes.</summary>
    OctetsAtMost,

    /// <summary>Text that the regular expression matches.</summary>
    Matches,

    /// <summary>A value.</summary>
    NotNull,

    /// <summary>At most the value of another column, which the operand names.</summary>
    AtMostColumn,

    /// <summary>Less than the value of another column, which the operand names.</summary>
    LessThanColumn,

    /// <summary>Not in the future.</summary>
    NotInFuture,
}

/// <summary>What was understood of a CHECK: rows that follow the rules satisfy it.</summary>
/// <param name="Rules">What it demands; empty when every row satisfies it, or nothing was understood.</param>
/// <param name="WhyNot">Why it was not understood, a clause; null when it was.</param>
internal sealed record CheckReading(IReadOnlyList<CheckRule> Rules, string? WhyNot);
