using System.Globalization;
using System.Text.RegularExpressions;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>
/// Makes an expression ready to be worked out: names are looked up and types are checked once, before any row is made. The language is
/// the part of SQL's expressions that CHECKs are read in, and NULL means what it means there.
/// </summary>
internal sealed class RuleCompiler(RuleScope scope)
{
    /// <summary>Makes an expression ready.</summary>
    /// <exception cref="FormatException">It cannot be read, or its types do not fit; the message is a clause.</exception>
    public static CompiledRule Compile(string expression, RuleScope scope) => new RuleCompiler(scope).Compile(SqlExpressionParser.Parse(expression));

    /// <summary>Makes a condition ready.</summary>
    /// <exception cref="FormatException">It cannot be read, or is no condition; the message is a clause.</exception>
    public static Func<RuleRow, bool> Condition(string expression, RuleScope scope)
    {
        var compiled = Compile(expression, scope);
        return compiled.Type is RuleType.Truth or RuleType.Null
            ? row => compiled.Of(row) is true
            : throw new FormatException($"it is {RuleTypes.Describe(compiled.Type)}, but a condition is true or false");
    }

    private CompiledRule Compile(SqlExpression expression) => expression switch
    {
        LiteralExpression literal => Literal(literal),
        ColumnExpression column => scope.Find(column.Table, column.Name),
        CastExpression cast => Cast(Compile(cast.Operand), cast.Type),
        CallExpression call => Call(call),
        _ => throw new FormatException("it cannot be read"),
    };

    private static CompiledRule Literal(LiteralExpression literal) => literal switch
    {
        { IsText: true } => Constant(RuleType.Text, literal.Text),
        { Text: "null" } => Constant(RuleType.Null, null),
        { Text: "true" or "false" } => Constant(RuleType.Truth, literal.Text == "true"),
        _ => decimal.TryParse(literal.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? Constant(RuleType.Number, number)
            : throw new FormatException($"{literal.Text} has too many digits"),
    };

    private static CompiledRule Constant(RuleType type, object? value) => new(type, _ => value) { IsConstant = true };

    private CompiledRule Call(CallExpression call) => (call.Name, call.Arguments) switch
    {
        ("and" or "or", _) => AndOr(call.Name == "and", [.. call.Arguments.Select(argument => As(RuleType.Truth, argument, call.Name.ToUpperInvariant()))]),
        ("not", [var denied]) => Strict(RuleType.Truth, values => !(bool)values[0], As(RuleType.Truth, denied, "NOT")),
        ("is null", [var value]) => IsNull(Compile(value)),
        ("is true" or "is false", [var value]) => Is(As(RuleType.Truth, value, "IS"), call.Name == "is true"),
        ("=" or "<>" or "<" or "<=" or ">" or ">=", [var left, var right]) => Compared(call.Name, Compile(left), Compile(right)),
        ("between", [var value, var low, var high]) => AndOr(true, [Compared(">=", Compile(value), Compile(low)), Compared("<=", Compile(value), Compile(high))]),
        ("in", [var value, CallExpression { Name: "list" } list]) => AndOr(false, [.. list.Arguments.Select(item => Compared("=", Compile(value), Compile(item)))]),
        ("~~" or "~~*", [var value, LiteralExpression { IsText: true } pattern]) => Like(As(RuleType.Text, value, "LIKE"), pattern.Text, call.Name == "~~*"),
        ("-", [var operand]) => Negated(Compile(operand)),
        ("+" or "-" or "*" or "/" or "%", [var left, var right]) => RuleArithmetic.Of(call.Name, Compile(left), Compile(right)),
        ("||", [var left, var right]) => Strict(RuleType.Text, values => RuleTypes.Text(values[0]) + RuleTypes.Text(values[1]), Compile(left), Compile(right)),
        ("case", _) => Case(call.Arguments),
        _ => Function(call.Name, call.Arguments),
    };

    private CompiledRule Function(string name, IReadOnlyList<SqlExpression> arguments)
    {
        if (RuleFunctions.Find(name) is { } function)
        {
            return arguments.Count >= function.Required && arguments.Count <= function.Arguments.Length
                ? Strict(function.Result, function.Of, [.. arguments.Select((argument, index) => As(function.Arguments[index], argument, name + "()"))])
                : throw WrongCount(name, function.Required == function.Arguments.Length ? $"{function.Required}" : $"{function.Required} to {function.Arguments.Length}");
        }

        return (name, arguments.Count) switch
        {
            ("concat", > 0) => Joined([.. arguments.Select(Compile)]),
            ("coalesce", > 0) => First(arguments),
            ("nullif", 2) => Nullif(arguments),
            ("least" or "greatest", > 0) => Extreme(arguments, name == "least" ? -1 : 1),
            ("now" or "current_timestamp", 0) => Constant(RuleType.Time, scope.ReferenceTime) with { IsConstant = false },
            ("random", 0) => RandomFraction(),
            ("random", 2) => RandomNumber(As(RuleType.Number, arguments[0], "random()"), As(RuleType.Number, arguments[1], "random()")),
            _ when RuleFunctions.OfAnyType.Contains(name) => throw WrongCount(name, name switch { "nullif" => "2", "now" => "0", "random" => "0 or 2", _ => "1 or more" }),
            _ => throw new FormatException(char.IsLetter(name[0])
                ? $"there is no function {name}() {MetadataError.SuggestWithin(name, [.. RuleFunctions.Names])}"
                : $"the operator {name} is not supported"),
        };
    }

    private static FormatException WrongCount(string name, string wanted) => new($"{name}() takes {wanted} argument{(wanted == "1" ? "" : "s")}");

    /// <summary>An argument of a type; a string that is written out may be a time.</summary>
    private CompiledRule As(RuleType wanted, SqlExpression argument, string by) => Coerce(Compile(argument), wanted) is var compiled
        && (compiled.Type == wanted || compiled.Type == RuleType.Null)
        ? compiled
        : throw new FormatException($"{by} takes {RuleTypes.Describe(wanted)}, not {RuleTypes.Describe(compiled.Type)}{(wanted == RuleType.Text ? "; write ::text after it" : "")}");

    private static CompiledRule Coerce(CompiledRule compiled, RuleType wanted) =>
        compiled is { IsConstant: true, Type: RuleType.Text } && wanted == RuleType.Time && compiled.Of(default) is string text
            ? Constant(RuleType.Time, RuleTypes.Time(text))
            : compiled;

    /// <summary>Expressions that must be of one type, as those of a comparison.</summary>
    private static (RuleType Type, CompiledRule[] Parts) Unify(IReadOnlyList<CompiledRule> parts, string where)
    {
        var type = parts.FirstOrDefault(part => part.Type != RuleType.Null && !(part.IsConstant && part.Type == RuleType.Text))?.Type
            ?? parts.FirstOrDefault(part => part.Type != RuleType.Null)?.Type ?? RuleType.Null;
        var unified = parts.Select(part => Coerce(part, type)).ToArray();
        return Array.Find(unified, part => part.Type != type && part.Type != RuleType.Null) is { } other
            ? throw new FormatException($"{where} has {RuleTypes.Describe(type)} and {RuleTypes.Describe(other.Type)}")
            : (type, unified);
    }

    private static CompiledRule Strict(RuleType type, Func<object[], object?> of, params CompiledRule[] arguments) => new(type, row =>
    {
        var values = new object[arguments.Length];
        for (var index = 0; index < values.Length; index++)
        {
            if (arguments[index].Of(row) is not { } value)
            {
                return null;
            }

            values[index] = value;
        }

        return of(values);
    });

    /// <summary>NULL is neither true nor false: what the others do not decide stays unknown.</summary>
    private static CompiledRule AndOr(bool isAnd, CompiledRule[] parts) => new(RuleType.Truth, row =>
    {
        var isUnknown = false;
        foreach (var part in parts)
        {
            var value = part.Of(row);
            if (value is bool truth && truth != isAnd)
            {
                return truth;
            }

            isUnknown |= value is null;
        }

        return isUnknown ? null : isAnd;
    });

    private static CompiledRule IsNull(CompiledRule value) => new(RuleType.Truth, row => value.Of(row) is null);

    private static CompiledRule Is(CompiledRule value, bool wanted) => new(RuleType.Truth, row => value.Of(row) is bool truth && truth == wanted);

    private static CompiledRule Compared(string comparison, CompiledRule left, CompiledRule right)
    {
        var (_, parts) = Unify([left, right], comparison);
        Func<int, bool> holds = comparison switch
        {
            "=" => order => order == 0,
            "<>" => order => order != 0,
            "<" => order => order < 0,
            "<=" => order => order <= 0,
            ">" => order => order > 0,
            _ => order => order >= 0,
        };
        return Strict(RuleType.Truth, values => holds(Order(values[0], values[1])), parts);
    }

    private static int Order(object left, object right) =>
        left is string text ? string.CompareOrdinal(text, (string)right) : ((IComparable)left).CompareTo(right);

    private static CompiledRule Like(CompiledRule value, string pattern, bool ignoreCase)
    {
        var regex = LikePattern.ToRegex(pattern) is { } text
            ? new Regex(
                text, RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | (ignoreCase ? RegexOptions.IgnoreCase : 0))
            : throw new FormatException($"the pattern '{pattern}' is not supported");
        return Strict(RuleType.Truth, values => regex.IsMatch((string)values[0]), value);
    }

    private static CompiledRule Negated(CompiledRule operand) => operand.Type switch
    {
        RuleType.Number or RuleType.Null => Strict(RuleType.Number, values => -(decimal)values[0], operand),
        RuleType.Duration => Strict(RuleType.Duration, values => -(TimeSpan)values[0], operand),
        _ => throw new FormatException($"a minus sign takes a number or a duration, not {RuleTypes.Describe(operand.Type)}"),
    };

    private static CompiledRule Cast(CompiledRule operand, string type)
    {
        if (!ColumnType.TryParse(type, out var target, out var reason))
        {
            throw new FormatException(reason);
        }

        return (operand.Type, RuleTypes.Of(target)) switch
        {
            (var from, { } to) when from == to || from == RuleType.Null => Strict(to, values => Rounded(target, values[0]), operand),
            (_, RuleType.Text) => Strict(RuleType.Text, values => RuleTypes.Text(values[0]), operand),
            (RuleType.Text, RuleType.Number) => Strict(RuleType.Number, values => Rounded(target, Number((string)values[0])), operand),
            (RuleType.Text, RuleType.Time) => Coerce(operand, RuleType.Time) is { Type: RuleType.Time } constant
                ? Strict(RuleType.Time, values => Rounded(target, values[0]), constant) with { IsConstant = true }
                : Strict(RuleType.Time, values => Rounded(target, RuleTypes.Time((string)values[0])), operand),
            _ => throw new FormatException($"{RuleTypes.Describe(operand.Type)} cannot become {target.ToSql()}"),
        };
    }

    private static object Rounded(ColumnType target, object value) => value switch
    {
        decimal number when target.IsInteger => decimal.Round(number, 0, MidpointRounding.AwayFromZero),
        decimal number when target is { Kind: ColumnKind.Decimal, Scale: { } scale } => decimal.Round(number, Math.Min(scale, 28), MidpointRounding.AwayFromZero),
        DateTime time when target.Kind == ColumnKind.Date => time.Date,
        _ => value,
    };

    private static decimal Number(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FormatException($"'{text}' is not a number");

    private CompiledRule Case(IReadOnlyList<SqlExpression> arguments)
    {
        var conditions = arguments.SkipLast(1).Where((_, index) => index % 2 == 0).Select(condition => As(RuleType.Truth, condition, "WHEN")).ToArray();
        var (type, values) = Unify([.. arguments.Where((_, index) => index % 2 == 1 || index == arguments.Count - 1).Select(Compile)], "CASE");
        return new CompiledRule(type, row =>
        {
            var found = Array.FindIndex(conditions, condition => condition.Of(row) is true);
            return values[found < 0 ? values.Length - 1 : found].Of(row);
        });
    }

    /// <summary>All of them as text, NULL as nothing.</summary>
    private static CompiledRule Joined(CompiledRule[] parts) =>
        new(RuleType.Text, row => string.Concat(parts.Select(part => part.Of(row) is { } value ? RuleTypes.Text(value) : "")));

    private CompiledRule First(IReadOnlyList<SqlExpression> arguments)
    {
        var (type, parts) = Unify([.. arguments.Select(Compile)], "coalesce()");
        return new CompiledRule(type, row => parts.Select(part => part.Of(row)).FirstOrDefault(value => value is not null));
    }

    private CompiledRule Nullif(IReadOnlyList<SqlExpression> arguments)
    {
        var (type, parts) = Unify([.. arguments.Select(Compile)], "nullif()");
        return new CompiledRule(type, row => parts[0].Of(row) is { } value && !(parts[1].Of(row) is { } other && Order(value, other) == 0) ? value : null);
    }

    private CompiledRule Extreme(IReadOnlyList<SqlExpression> arguments, int sign)
    {
        var (type, parts) = Unify([.. arguments.Select(Compile)], sign < 0 ? "least()" : "greatest()");
        return new CompiledRule(type, row => parts.Select(part => part.Of(row)).Aggregate((best, value) =>
            best is null || (value is not null && Order(value, best) * sign > 0) ? value : best));
    }

    private CompiledRule RandomFraction()
    {
        var random = scope.Draw();
        return new CompiledRule(RuleType.Number, row => (decimal)random.Fraction(row.Row));
    }

    /// <summary>A whole number from the first to the second argument, both included.</summary>
    private CompiledRule RandomNumber(CompiledRule from, CompiledRule to)
    {
        var random = scope.Draw();
        return new CompiledRule(RuleType.Number, row => (from.Of(row), to.Of(row)) is (decimal low, decimal high) && (long)decimal.Ceiling(low) is var least && (long)decimal.Floor(high) is var most
            ? least <= most ? (decimal)(least + random.Below(row.Row, most - least + 1)) : throw new FormatException($"random() has no whole number from {low} to {high}")
            : null);
    }
}
