namespace StreamingPg.Core.Checks;

/// <summary>Reads an expression that is a constant.</summary>
internal static class SqlConstant
{
    /// <summary>The value as text, casts left out; null when the expression is no constant, or NULL.</summary>
    public static string? Find(string expression)
    {
        try
        {
            var value = SqlExpressionParser.Parse(expression);
            while (value is CastExpression cast)
            {
                value = cast.Operand;
            }

            return value is LiteralExpression { Text: not "null" } literal ? literal.Text : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The columns that an expression names; none when it cannot be read.</summary>
    public static IReadOnlyList<string> ColumnsOf(string expression)
    {
        try
        {
            return SqlExpressionParser.Parse(expression).Columns;
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
