namespace StreamingPg.Core.Checks;

/// <summary>A piece of an SQL expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, without quotes.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text)
{
    /// <summary>True for a key word, an operator or a bracket of that text; a name in quotes is none.</summary>
    public bool Is(string text) =>
        Kind is SqlTokenKind.Word or SqlTokenKind.Operator or SqlTokenKind.Punctuation && Text == text;
}

/// <summary>What a piece of an SQL expression is.</summary>
internal enum SqlTokenKind
{
    /// <summary>A name or key word without quotes, in lower case as PostgreSQL takes it.</summary>
    Word,

    /// <summary>A name in double quotes.</summary>
    QuotedName,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string literal, its quotes taken off.</summary>
    Text,

    /// <summary>An operator, such as <c>&gt;=</c> or <c>::</c>.</summary>
    Operator,

    /// <summary>A bracket, comma or dot.</summary>
    Punctuation,

    /// <summary>Nothing more.</summary>
    End,
}
