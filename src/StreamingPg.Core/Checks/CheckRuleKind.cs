namespace StreamingPg.Core.Checks;

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

    /// <summary>Text of at least so many characters.</summary>
    LengthAtLeast,

    /// <summary>Text of at most so many characters.</summary>
    LengthAtMost,

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
