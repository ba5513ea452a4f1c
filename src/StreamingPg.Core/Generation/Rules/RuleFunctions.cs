using System.Globalization;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>A function of expressions.</summary>
/// <param name="Arguments">Types of its arguments.</param>
/// <param name="Required">How many of them must be there.</param>
/// <param name="Result">Type of its value.</param>
/// <param name="Of">Its value for arguments none of which is NULL; of NULL it is NULL.</param>
internal sealed record RuleFunction(RuleType[] Arguments, int Required, RuleType Result, Func<object[], object?> Of);

/// <summary>The functions of expressions that take arguments of fixed types.</summary>
internal static class RuleFunctions
{
    private const int LongestText = 1_000_000;

    private static readonly Dictionary<string, RuleFunction> All = new(StringComparer.Ordinal)
    {
        ["lower"] = OfText(text => text.ToLowerInvariant()),
        ["upper"] = OfText(text => text.ToUpperInvariant()),
        ["btrim"] = OfText(text => text.Trim(' ')),
        ["length"] = new([RuleType.Text], 1, RuleType.Number, values => (decimal)((string)values[0]).EnumerateRunes().Count()),
        ["left"] = new([RuleType.Text, RuleType.Number], 2, RuleType.Text, values => Part((string)values[0], 1, Whole(values[1]))),
        ["right"] = new([RuleType.Text, RuleType.Number], 2, RuleType.Text, values => Right((string)values[0], Whole(values[1]))),
        ["substr"] = new([RuleType.Text, RuleType.Number, RuleType.Number], 2, RuleType.Text, values =>
            Part((string)values[0], Whole(values[1]), values.Length > 2 ? Whole(values[2]) : int.MaxValue)),
        ["replace"] = new([RuleType.Text, RuleType.Text, RuleType.Text], 3, RuleType.Text, values =>
            (string)values[1] == "" ? values[0] : ((string)values[0]).Replace((string)values[1], (string)values[2], StringComparison.Ordinal)),
        ["lpad"] = new([RuleType.Text, RuleType.Number, RuleType.Text], 2, RuleType.Text, values =>
            Padded((string)values[0], Whole(values[1]), values.Length > 2 ? (string)values[2] : " ")),
        ["abs"] = OfNumber(Math.Abs),
        ["floor"] = OfNumber(Math.Floor),
        ["ceil"] = OfNumber(Math.Ceiling),
        ["round"] = new([RuleType.Number, RuleType.Number], 1, RuleType.Number, values =>
            decimal.Round((decimal)values[0], values.Length > 1 ? Whole(values[1]) : 0, MidpointRounding.AwayFromZero)),
        ["date"] = new([RuleType.Time], 1, RuleType.Time, values => ((DateTime)values[0]).Date),
        ["year"] = OfTime("year"),
        ["month"] = OfTime("month"),
        ["day"] = OfTime("day"),
        ["hour"] = OfTime("hour"),
        ["minute"] = OfTime("minute"),
        ["weekday"] = OfTime("weekday"),
        ["days"] = OfLength(TimeSpan.TicksPerDay),
        ["hours"] = OfLength(TimeSpan.TicksPerHour),
        ["minutes"] = OfLength(TimeSpan.TicksPerMinute),
        ["seconds"] = OfLength(TimeSpan.TicksPerSecond),
        ["days_between"] = new([RuleType.Time, RuleType.Time], 2, RuleType.Number, values =>
            (decimal)((DateTime)values[1] - (DateTime)values[0]).Ticks / TimeSpan.TicksPerDay),
    };

    /// <summary>Functions that take arguments of any type; see <see cref="RuleCompiler"/>.</summary>
    public static readonly string[] OfAnyType = ["coalesce", "nullif", "least", "greatest", "concat", "now", "random"];

    /// <summary>The names of all functions.</summary>
    public static IReadOnlyList<string> Names => [.. All.Keys.Concat(OfAnyType).Order(StringComparer.Ordinal)];

    /// <summary>The function of a name, or null.</summary>
    public static RuleFunction? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>A part of a time.</summary>
    public static object? Part(string part, DateTime time) => (decimal)(part switch
    {
        "year" => time.Year,
        "month" => time.Month,
        "day" => time.Day,
        "hour" => time.Hour,
        "minute" => time.Minute,
        _ => time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek,
    });

    private static RuleFunction OfText(Func<string, string> of) => new([RuleType.Text], 1, RuleType.Text, values => of((string)values[0]));

    private static RuleFunction OfNumber(Func<decimal, decimal> of) => new([RuleType.Number], 1, RuleType.Number, values => of((decimal)values[0]));

    private static RuleFunction OfTime(string part) => new([RuleType.Time], 1, RuleType.Number, values => Part(part, (DateTime)values[0]));

    private static RuleFunction OfLength(long ticks) =>
        new([RuleType.Number], 1, RuleType.Duration, values => TimeSpan.FromTicks((long)((decimal)values[0] * ticks)));

    private static int Whole(object number) => (int)decimal.Clamp(decimal.Truncate((decimal)number), int.MinValue, int.MaxValue);

    /// <summary>As PostgreSQL: characters are counted from 1, and a place before that takes from the count.</summary>
    private static string Part(string text, long from, long count)
    {
        var characters = text.EnumerateRunes().ToArray();
        var start = Math.Clamp(from, 1, characters.LongLength + 1);
        var end = Math.Clamp(from + count, start, characters.LongLength + 1);
        return string.Concat(characters[(int)(start - 1)..(int)(end - 1)]);
    }

    private static string Right(string text, int count)
    {
        var length = text.EnumerateRunes().Count();
        return Part(text, Math.Max(1, length - (long)count + 1), int.MaxValue);
    }

    private static string Padded(string text, int length, string fill)
    {
        var missing = Math.Min(length, LongestText) - text.EnumerateRunes().Count();
        return missing <= 0 ? Part(text, 1, length)
            : fill.Length == 0 ? text
            : Part(string.Concat(Enumerable.Repeat(fill, missing)), 1, missing) + text;
    }

    /// <summary>A value in the format that a template asks for.</summary>
    /// <exception cref="FormatException">The format is none for values of its type.</exception>
    public static string Format(object value, string format) => ((IFormattable)value).ToString(format, CultureInfo.InvariantCulture);
}
