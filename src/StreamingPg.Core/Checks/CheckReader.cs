using System.Globalization;

namespace StreamingPg.Core.Checks;

/// <summary>
/// Reads CHECK constraints of the simple kinds: bounds, lists, lengths, patterns, NOT NULL, two columns in order, and these joined
/// by AND and OR. Of an OR one side is enough: the rules then demand more than the constraint does, never less.
/// </summary>
internal sealed class CheckReader
{
    private static readonly string[] Present =
        ["now", "current_date", "current_timestamp", "localtimestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp"];

    private static readonly string[] Lengths = ["length", "char_length", "character_length"];
    private static readonly string[] Trims = ["btrim", "ltrim", "rtrim"];

    private string? _whyNot;

    private CheckReader()
    {
    }

    /// <summary>Reads an expression.</summary>
    /// <param name="expression">As a person wrote it or pg_get_constraintdef printed it; the word CHECK may stand before it.</param>
    public static CheckReading Read(string expression)
    {
        try
        {
            var reader = new CheckReader();
            var rules = reader.Rules(SqlExpressionParser.Parse(WithoutCheck(expression)));
            return rules is null ? new CheckReading([], reader._whyNot ?? "it is too complex") : new CheckReading(rules, null);
        }
        catch (FormatException exception)
        {
            return new CheckReading([], exception.Message);
        }
    }

    private static string WithoutCheck(string expression)
    {
        var text = expression.Trim();
        text = text.EndsWith(" NOT VALID", StringComparison.OrdinalIgnoreCase) ? text[..^" NOT VALID".Length] : text;
        text = text.EndsWith(" NO INHERIT", StringComparison.OrdinalIgnoreCase) ? text[..^" NO INHERIT".Length] : text;
        return text.StartsWith("CHECK", StringComparison.OrdinalIgnoreCase) && text[5..].TrimStart().StartsWith('(') ? text[5..] : text;
    }

    private IReadOnlyList<CheckRule>? Rules(SqlExpression expression) => expression switch
    {
        ColumnExpression column => [CheckRule.Of(column.Name, CheckRuleKind.OneOf, "true")],
        LiteralExpression { Text: "true" or "null" } => [],
        LiteralExpression { Text: "false" } => Refuse("no row satisfies it"),
        CastExpression cast => Rules(cast.Operand),
        CallExpression { Name: "and" } and => All(and.Arguments),
        CallExpression { Name: "or" } or => Any(or.Arguments),
        CallExpression { Name: "not", Arguments: [var denied] } => Denied(denied),
        CallExpression { Name: "is null" } => Refuse("it requires NULL"),
        CallExpression { Name: "is true" or "is false", Arguments: [ColumnExpression column] } call =>
        [
            CheckRule.Of(column.Name, CheckRuleKind.OneOf, call.Name["is ".Length..]),
            CheckRule.Of(column.Name, CheckRuleKind.NotNull),
        ],
        CallExpression { Name: "between", Arguments: [var value, var low, var high] } =>
            All([new CallExpression(">=", [value, low]), new CallExpression("<=", [value, high])]),
        CallExpression { Name: "in", Arguments: [var value, var list] } => Listed(value, list, CheckRuleKind.OneOf),
        CallExpression { Name: "~" or "~*", Arguments: [var value, var pattern] } => Matching(value, pattern, text => text),
        CallExpression { Name: "~~" or "~~*", Arguments: [var value, var pattern] } => Matching(value, pattern, LikePattern.ToRegex),
        CallExpression { Name: "=" or "<>" or "<" or "<=" or ">" or ">=", Arguments: [var left, var right] } comparison =>
            Compared(comparison.Name, Plain(left), Plain(right)),
        CallExpression call => Refuse($"{call.Name} is not supported"),
        _ => Refuse("it is not a condition"),
    };

    private List<CheckRule>? All(IReadOnlyList<SqlExpression> parts)
    {
        var all = new List<CheckRule>();
        foreach (var part in parts)
        {
            if (Rules(part) is not { } rules)
            {
                return null;
            }

            all.AddRange(rules);
        }

        return all;
    }

    private IReadOnlyList<CheckRule>? Any(IReadOnlyList<SqlExpression> parts)
    {
        var sides = parts.Select(Rules).OfType<IReadOnlyList<CheckRule>>().ToList();
        if (sides.Count == parts.Count && sides.TrueForAll(side => side is [{ Kind: CheckRuleKind.OneOf }] && side[0].Column == sides[0][0].Column))
        {
            return [new CheckRule(sides[0][0].Column, CheckRuleKind.OneOf, [.. sides.SelectMany(side => side[0].Operands).Distinct()])];
        }

        // To have a value narrows what is made the least.
        return sides.Find(side => side.All(rule => rule.Kind == CheckRuleKind.NotNull)) ?? sides.FirstOrDefault();
    }

    private IReadOnlyList<CheckRule>? Denied(SqlExpression denied) => denied switch
    {
        ColumnExpression column => [CheckRule.Of(column.Name, CheckRuleKind.OneOf, "false")],
        CastExpression cast => Denied(cast.Operand),
        CallExpression { Name: "not", Arguments: [var inner] } => Rules(inner),
        CallExpression { Name: "and" } and => Any([.. and.Arguments.Select(Not)]),
        CallExpression { Name: "or" } or => All([.. or.Arguments.Select(Not)]),
        CallExpression { Name: "is null", Arguments: [var value] } => Plain(value) is ColumnExpression column
            ? [CheckRule.Of(column.Name, CheckRuleKind.NotNull)]
            : Refuse("IS NOT NULL of an expression is not supported"),
        CallExpression { Name: "in", Arguments: [var value, var list] } => Listed(value, list, CheckRuleKind.NoneOf),
        CallExpression { Name: "between", Arguments: [var value, var low, var high] } =>
            Any([new CallExpression("<", [value, low]), new CallExpression(">", [value, high])]),
        CallExpression { Name: "=" or "<>" or "<" or "<=" or ">" or ">=" } comparison =>
            Rules(comparison with { Name = Opposite(comparison.Name) }),
        CallExpression call => Refuse($"NOT {call.Name} is not supported"),
        _ => Refuse("NOT applies to a condition only"),
    };

    private static CallExpression Not(SqlExpression expression) => new("not", [expression]);

    private IReadOnlyList<CheckRule>? Listed(SqlExpression value, SqlExpression list, CheckRuleKind kind)
    {
        if (Plain(value) is not ColumnExpression column)
        {
            return Refuse("a list is supported for a column only");
        }

        if (ArrayOf(list) is { } constants)
        {
            return [new CheckRule(column.Name, kind, constants)];
        }

        if (Plain(list) is not CallExpression { Name: "list" } call)
        {
            return Refuse("a list must be written out");
        }

        var items = call.Arguments.Select(Plain).ToList();
        return items.TrueForAll(item => item is LiteralExpression)
            ? [new CheckRule(column.Name, kind, [.. items.Cast<LiteralExpression>().Select(item => item.Text).Distinct()])]
            : Refuse("a list may contain only constants");
    }

    /// <summary>The items of an array that is a constant: <c>'{one,two}'::text[]</c>.</summary>
    private static List<string>? ArrayOf(SqlExpression list)
    {
        var value = list;
        while (value is CastExpression cast)
        {
            value = cast.Operand;
        }

        return value is LiteralExpression { Text: ['{', .., '}'] } literal && !literal.Text.AsSpan().ContainsAny('"', '\\')
            ? [.. literal.Text[1..^1].Split(',').Distinct()]
            : null;
    }

    private IReadOnlyList<CheckRule>? Matching(SqlExpression value, SqlExpression pattern, Func<string, string?> toRegex)
    {
        if (Plain(value) is not ColumnExpression column || Plain(pattern) is not LiteralExpression literal)
        {
            return Refuse("a pattern is supported for a column and a constant only");
        }

        return toRegex(literal.Text) is { } regex && SimplePattern.Parse(regex) is not null
            ? [CheckRule.Of(column.Name, CheckRuleKind.Matches, regex)]
            : Refuse($"the pattern '{literal.Text}' is too complex");
    }

    private IReadOnlyList<CheckRule>? Compared(string comparison, SqlExpression left, SqlExpression right) => (left, right) switch
    {
        (LiteralExpression, not LiteralExpression) => Compared(Turned(comparison), right, left),
        (ColumnExpression column, LiteralExpression literal) => [CheckRule.Of(column.Name, Kind(comparison), literal.Text)],
        (ColumnExpression column, ColumnExpression other) => InOrder(comparison, column, other),
        (ColumnExpression column, CallExpression { Arguments: [ColumnExpression trimmed] } trim) when comparison == "=" && Trims.Contains(trim.Name) && trimmed.Name == column.Name => [],
        (CallExpression, ColumnExpression) when comparison == "=" => Compared(comparison, right, left),
        (CallExpression call, LiteralExpression literal) => ComparedCall(comparison, call, literal.Text),
        (ColumnExpression column, CallExpression { Arguments: [] } call) when Present.Contains(call.Name) => InTime(comparison, column),
        (CallExpression { Arguments: [] }, ColumnExpression) => Compared(Turned(comparison), right, left),
        _ => Refuse("comparing expressions is not supported"),
    };

    private IReadOnlyList<CheckRule>? InOrder(string comparison, ColumnExpression left, ColumnExpression right) => comparison switch
    {
        "<=" => [CheckRule.Of(left.Name, CheckRuleKind.AtMostColumn, right.Name)],
        "<" => [CheckRule.Of(left.Name, CheckRuleKind.LessThanColumn, right.Name)],
        ">=" => [CheckRule.Of(right.Name, CheckRuleKind.AtMostColumn, left.Name)],
        ">" => [CheckRule.Of(right.Name, CheckRuleKind.LessThanColumn, left.Name)],
        _ => Refuse($"{comparison} between two columns is not supported"),
    };

    private IReadOnlyList<CheckRule>? InTime(string comparison, ColumnExpression column) => comparison is "<=" or "<"
        ? [CheckRule.Of(column.Name, CheckRuleKind.NotInFuture)]
        : Refuse("a bound in the future is not supported");

    private IReadOnlyList<CheckRule>? ComparedCall(string comparison, CallExpression call, string constant)
    {
        if (call.Arguments is not [var argument])
        {
            return Refuse($"{call.Name} is not supported");
        }

        // What is made has no blanks around it.
        var value = Plain(argument) is CallExpression { Arguments: [var trimmed] } trim && Trims.Contains(trim.Name) ? Plain(trimmed) : Plain(argument);
        if (value is not ColumnExpression column)
        {
            return Refuse($"{call.Name} of an expression is not supported");
        }

        if (Trims.Contains(call.Name) && comparison == "<>" && constant.Length == 0)
        {
            return [CheckRule.Of(column.Name, CheckRuleKind.LengthAtLeast, "1")];
        }

        var isOctets = call.Name == "octet_length";
        return (isOctets || Lengths.Contains(call.Name)) && int.TryParse(constant, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var length)
            ? OfLength(
                comparison,
                column.Name,
                length,
                isOctets ? CheckRuleKind.OctetsAtLeast : CheckRuleKind.LengthAtLeast,
                isOctets ? CheckRuleKind.OctetsAtMost : CheckRuleKind.LengthAtMost)
            : Refuse($"{call.Name} is not supported");
    }

    private IReadOnlyList<CheckRule>? OfLength(string comparison, string column, int length, CheckRuleKind atLeast, CheckRuleKind atMost)
    {
        CheckRule Length(CheckRuleKind kind, int bound) => CheckRule.Of(column, kind, bound.ToString(CultureInfo.InvariantCulture));
        return comparison switch
        {
            ">=" => [Length(atLeast, length)],
            ">" => [Length(atLeast, length + 1)],
            "<=" => [Length(atMost, length)],
            "<" => [Length(atMost, length - 1)],
            "=" => [Length(atLeast, length), Length(atMost, length)],
            _ when length == 0 => [Length(atLeast, 1)],
            _ => Refuse("excluding a length is not supported"),
        };
    }

    /// <summary>The expression without casts that keep the value.</summary>
    private static SqlExpression Plain(SqlExpression expression) => expression switch
    {
        CastExpression { Operand: CastExpression inner, Type: var type } => Plain(new CastExpression(Plain(inner), type)),
        CastExpression { KeepsValue: true } cast => Plain(cast.Operand),
        _ => expression,
    };

    private static CheckRuleKind Kind(string comparison) => comparison switch
    {
        "=" => CheckRuleKind.OneOf,
        "<>" => CheckRuleKind.NoneOf,
        "<" => CheckRuleKind.LessThan,
        "<=" => CheckRuleKind.AtMost,
        ">" => CheckRuleKind.MoreThan,
        _ => CheckRuleKind.AtLeast,
    };

    /// <summary>The comparison that holds when left and right change places.</summary>
    private static string Turned(string comparison) => comparison switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => comparison,
    };

    /// <summary>The comparison that holds when the given one does not.</summary>
    private static string Opposite(string comparison) => comparison switch
    {
        "=" => "<>",
        "<>" => "=",
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        _ => "<",
    };

    private IReadOnlyList<CheckRule>? Refuse(string reason)
    {
        _whyNot ??= reason;
        return null;
    }
}
