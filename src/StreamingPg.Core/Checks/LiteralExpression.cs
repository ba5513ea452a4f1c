namespace StreamingPg.Core.Checks;

/// <summary>A constant: a number, a string, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
/// <param name="Text">The value as text, without quotes.</param>
internal sealed record LiteralExpression(string Text) : SqlExpression;
