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
