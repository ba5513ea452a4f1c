using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamingPg.Core.Model;

/// <summary>
/// The one way in which durations are written: in parameters, options and metadata. A number with a unit (<c>90s</c>,
/// <c>30 days</c>, <c>1 day 12 hours</c>), a clock (<c>00:01:30</c>, <c>24:00:00</c>, <c>30.00:00:00</c>) or ISO 8601
/// (<c>PT15M</c>). A number alone says nothing: 30 could mean seconds, days or ticks.
/// </summary>
internal static partial class DurationText
{
    /// <summary>The forms that a user may write, for error texts.</summary>
    public const string Examples = "such as 90s, 15m, 12h, 30d, 00:01:30, 30.00:00:00 or P30D";

    private static readonly (string[] Names, decimal Seconds)[] Units =
    [
        (["ms", "millisecond", "milliseconds"], 0.001m),
        (["s", "sec", "secs", "second", "seconds"], 1),
        (["m", "min", "mins", "minute", "minutes"], 60),
        (["h", "hr", "hrs", "hour", "hours"], 3_600),
        (["d", "day", "days"], 86_400),
        (["w", "week", "weeks"], 7 * 86_400),
        (["month", "months"], 30 * 86_400),
        (["year", "years"], 365 * 86_400),
    ];

    /// <summary>Reads a duration of zero or more; null when the text is none.</summary>
    public static TimeSpan? Parse(string text)
    {
        try
        {
            var trimmed = text.Trim();
            var seconds = WithUnits().Match(trimmed) is { Success: true } units ? FromUnits(units)
                : Clock().Match(trimmed) is { Success: true } clock ? FromNamedParts(clock)
                : Iso().Match(trimmed) is { Success: true } iso ? FromNamedParts(iso)
                : null;
            return seconds is null ? null : new TimeSpan(decimal.ToInt64(seconds.Value * TimeSpan.TicksPerSecond));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Why a text is no duration, a sentence.</summary>
    public static string Problem(string text) =>
        double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _)
            ? $"'{text}' has no unit; it could be seconds, minutes or days."
            : $"'{text}' is not a duration.";

    private static decimal? FromUnits(Match match)
    {
        var seconds = 0m;
        foreach (var (number, name) in match.Groups["number"].Captures.Zip(match.Groups["unit"].Captures))
        {
            var unit = Array.Find(Units, unit => unit.Names.Contains(name.Value, StringComparer.OrdinalIgnoreCase));
            if (unit.Names is null)
            {
                return null;
            }

            seconds += Number(number) * unit.Seconds;
        }

        return seconds;
    }

    // Not TimeSpan.Parse, which takes 24:00:00 for 24 days. The groups are called as the units are.
    private static decimal? FromNamedParts(Match match) => Units
        .Where(unit => match.Groups[unit.Names[^1]].Success)
        .Sum(unit => Number(match.Groups[unit.Names[^1]]) * unit.Seconds);

    private static decimal Number(Capture digits) =>
        decimal.Parse(digits.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?:(?<number>[0-9]+(?:\.[0-9]+)?)\s*(?<unit>[A-Za-z]+)\s*)+$", RegexOptions.CultureInvariant)]
    private static partial Regex WithUnits();

    [GeneratedRegex(
        @"^(?:(?<days>[0-9]+)\.(?<hours>[01]?[0-9]|2[0-3])|(?<hours>[0-9]+)):(?<minutes>[0-5][0-9]):(?<seconds>[0-5][0-9](?:\.[0-9]{1,7})?)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Clock();

    [GeneratedRegex(
        @"^P(?=[0-9T])(?:(?<years>[0-9]+)Y)?(?:(?<months>[0-9]+)M)?(?:(?<weeks>[0-9]+)W)?(?:(?<days>[0-9]+)D)?"
            + @"(?:T(?=[0-9])(?:(?<hours>[0-9]+)H)?(?:(?<minutes>[0-9]+)M)?(?:(?<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Iso();
}
