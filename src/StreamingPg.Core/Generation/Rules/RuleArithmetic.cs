namespace StreamingPg.Core.Generation.Rules;

/// <summary>The arithmetic of numbers, times and durations.</summary>
internal static class RuleArithmetic
{
    /// <summary>What an operator makes of two expressions.</summary>
    /// <exception cref="FormatException">It is not defined for their types; the message is a clause.</exception>
    public static CompiledRule Of(string operation, CompiledRule left, CompiledRule right)
    {
        // What is NULL takes the type that the other one asks for.
        var types = (left.Type == RuleType.Null ? right.Type : left.Type, right.Type == RuleType.Null ? left.Type : right.Type);
        var (result, of) = (operation, types) switch
        {
            (_, (RuleType.Null, RuleType.Null)) => (RuleType.Null, (_, _) => null),
            ("+", (RuleType.Number, RuleType.Number)) => (RuleType.Number, (a, b) => (decimal)a + (decimal)b),
            ("-", (RuleType.Number, RuleType.Number)) => (RuleType.Number, (a, b) => (decimal)a - (decimal)b),
            ("*", (RuleType.Number, RuleType.Number)) => (RuleType.Number, (a, b) => (decimal)a * (decimal)b),
            ("/", (RuleType.Number, RuleType.Number)) => (RuleType.Number, (a, b) => (decimal)a / (decimal)b),
            ("%", (RuleType.Number, RuleType.Number)) => (RuleType.Number, (a, b) => (decimal)a % (decimal)b),
            ("+", (RuleType.Time, RuleType.Duration)) => (RuleType.Time, (a, b) => (DateTime)a + (TimeSpan)b),
            ("+", (RuleType.Duration, RuleType.Time)) => (RuleType.Time, (a, b) => (DateTime)b + (TimeSpan)a),
            ("-", (RuleType.Time, RuleType.Duration)) => (RuleType.Time, (a, b) => (DateTime)a - (TimeSpan)b),
            ("-", (RuleType.Time, RuleType.Time)) => (RuleType.Duration, (a, b) => (DateTime)a - (DateTime)b),
            ("+", (RuleType.Duration, RuleType.Duration)) => (RuleType.Duration, (a, b) => (TimeSpan)a + (TimeSpan)b),
            ("-", (RuleType.Duration, RuleType.Duration)) => (RuleType.Duration, (a, b) => (TimeSpan)a - (TimeSpan)b),
            ("*", (RuleType.Duration, RuleType.Number)) => (RuleType.Duration, (a, b) => (TimeSpan)a * (double)(decimal)b),
            ("*", (RuleType.Number, RuleType.Duration)) => (RuleType.Duration, (a, b) => (TimeSpan)b * (double)(decimal)a),
            ("/", (RuleType.Duration, RuleType.Number)) => (RuleType.Duration, (a, b) => (TimeSpan)a / (double)(decimal)b),
            _ => ((RuleType, Func<object, object, object?>))(RuleType.Null, null!),
        };
        if (of is null)
        {
            throw new FormatException(
                $"{operation} is not defined for {RuleTypes.Describe(types.Item1)} and {RuleTypes.Describe(types.Item2)}{Advice(operation, types)}");
        }

        return new CompiledRule(result, row => left.Of(row) is { } first && right.Of(row) is { } second ? of(first, second) : null);
    }

    private static string Advice(string operation, (RuleType Left, RuleType Right) types) => (operation, types) switch
    {
        ("+", (RuleType.Text, _) or (_, RuleType.Text)) => "; join text with ||",
        ("+" or "-", (RuleType.Time, RuleType.Number)) => "; write days(3) for three days",
        _ => "",
    };
}
