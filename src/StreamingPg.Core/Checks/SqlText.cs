namespace StreamingPg.Core.Checks;

/// <summary>Writes an expression as SQL again, with brackets around all that has parts.</summary>
internal static class SqlText
{
    /// <summary>The text of an expression.</summary>
    public static string Of(SqlExpression expression) => expression switch
    {
        LiteralExpression { IsText: true } text => $"'{text.Text.Replace("'", "''", StringComparison.Ordinal)}'",
        LiteralExpression literal => literal.Text,
        ColumnExpression column => $"{(column.Table is null ? "" : Quote(column.Table) + ".")}{Quote(column.Name)}",
        CastExpression cast => $"{Of(cast.Operand)}::{cast.Type}",
        CallExpression call => OfCall(call),
        _ => throw new NotSupportedException($"{expression.GetType().Name} cannot be written."),
    };

    private static string OfCall(CallExpression call) => (call.Name, call.Arguments) switch
    {
        ("and" or "or", _) => $"({string.Join($" {call.Name} ", call.Arguments.Select(Of))})",
        ("not", [var denied]) => $"(not {Of(denied)})",
        ("is null" or "is true" or "is false", [var value]) => $"({Of(value)} {call.Name})",
        ("between", [var value, var low, var high]) => $"({Of(value)} between {Of(low)} and {Of(high)})",
        ("in", [var value, CallExpression { Name: "list" } list]) => $"({Of(value)} in ({string.Join(", ", list.Arguments.Select(Of))}))",
        ("in", [var value, var array]) => $"({Of(value)} = any ({Of(array)}))",
        ("list", _) => $"array[{string.Join(", ", call.Arguments.Select(Of))}]",
        ("~~", [var value, var pattern]) => $"({Of(value)} like {Of(pattern)})",
        ("~~*", [var value, var pattern]) => $"({Of(value)} ilike {Of(pattern)})",
        ("case", _) => OfCase(call.Arguments),
        (var name, [var operand]) when !IsWord(name) => $"({name} {Of(operand)})",
        (var name, [var left, var right]) when !IsWord(name) => $"({Of(left)} {name} {Of(right)})",
        _ => $"{call.Name}({string.Join(", ", call.Arguments.Select(Of))})",
    };

    private static string OfCase(IReadOnlyList<SqlExpression> arguments) =>
        $"case {string.Concat(arguments.SkipLast(1).Chunk(2).Select(pair => $"when {Of(pair[0])} then {Of(pair[1])} "))}else {Of(arguments[^1])} end";

    private static bool IsWord(string name) => char.IsLetter(name[0]) || name[0] == '_';

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
