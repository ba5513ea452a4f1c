using System.Globalization;

namespace StreamingPg.Core.Model;

/// <summary>Durations as metadata spells them: <c>30 days</c>, <c>1 day 12 hours</c>, or as TimeSpan does, <c>30.00:00:00</c>.</summary>
internal static class DurationText
{
    /// <summary>The forms a user may write, for error texts.</summary>
    public const string Examples = "such as \"30 days\", \"12 hours\" or \"30.00:00:00\"";

    private static readonly (string Name, double Seconds)[] Units =
    [
        ("second", 1), ("minute", 60), ("hour", 3_600), ("day", 86_400), ("week", 604_800), ("month", 30 * 86_400), ("year", 365 * 86_400),
    ];

    /// <summary>Reads a duration above zero; null when the text is none.</summary>
    public static TimeSpan? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var duration = words.Length > 1 && words.Length % 2 == 0 ? FromWords(words)
            : text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span
            : null;
        return duration > TimeSpan.Zero ? duration : null;
    }

    private static TimeSpan? FromWords(string[] words)
    {
        double seconds = 0;
        for (var index = 0; index < words.Length; index += 2)
        {
            var unit = Array.Find(Units, unit =>
                words[index + 1].TrimEnd('s').Equals(unit.Name, StringComparison.OrdinalIgnoreCase));
            if (unit.Name is null
                || !double.TryParse(words[index], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                return null;
            }

            seconds += count * unit.Seconds;
        }

        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
