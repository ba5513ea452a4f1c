using System.Globalization;

namespace StreamingPg.Core.Report.Charts;

/// <summary>Stretches of time of equal length, as the places of a chart.</summary>
/// <param name="start">The beginning of the first (UTC).</param>
/// <param name="length">Their length.</param>
/// <param name="count">How many there are.</param>
internal sealed class TimePlaces(DateTime start, TimeSpan length, int count)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongSpan = TimeSpan.FromDays(300);

    private static readonly TimeSpan[] Steps =
    [
        .. new[] { 1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800 }.Select(seconds => TimeSpan.FromSeconds(seconds)),
        .. new[] { 1, 2, 3, 6, 12 }.Select(hours => TimeSpan.FromHours(hours)),
        .. new[] { 1, 2, 3, 7, 14, 28, 56, 84, 168, 364 }.Select(days => TimeSpan.FromDays(days)),
    ];

    /// <summary>The beginning of each, as exact as their length asks for.</summary>
    public IReadOnlyList<string> Names { get; } =
    [
        .. Enumerable.Range(0, count).Select(index => (start + (index * length)).ToString(
            length >= Day ? "yyyy-MM-dd" : count * length >= Day ? "MM-dd HH:mm" : length >= TimeSpan.FromMinutes(1) ? "HH:mm" : "HH:mm:ss",
            CultureInfo.InvariantCulture)),
    ];

    /// <summary>Their length in words: <c>15 s</c>.</summary>
    public string Length => Named(length);

    /// <summary>A length of time after "per" or "last": <c>hour</c>, <c>15 s</c>.</summary>
    public static string Named(TimeSpan length) => length == TimeSpan.FromSeconds(1) ? "second"
        : length == TimeSpan.FromMinutes(1) ? "minute"
        : length == TimeSpan.FromHours(1) ? "hour"
        : length == Day ? "day"
        : length < TimeSpan.FromMinutes(1) ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.###} s")
        : DisplayText.Duration(length);

    /// <summary>What the places are: the day, or from which day to which.</summary>
    public string Unit
    {
        get
        {
            var last = start + (Math.Max(0, count - 1) * length);
            return start.Date == last.Date
                ? string.Create(CultureInfo.InvariantCulture, $"{start:yyyy-MM-dd} (UTC)")
                : string.Create(CultureInfo.InvariantCulture, $"{start:yyyy-MM-dd} to {last:yyyy-MM-dd} (UTC)");
        }
    }

    /// <summary>The places that are labelled: round times, and as many as do not touch.</summary>
    /// <param name="placeWidth">Width of a place.</param>
    public IEnumerable<(int Place, string Label)> Labels(double placeWidth)
    {
        if (count == 0)
        {
            yield break;
        }

        var step = Array.Find(Steps, step => step.Ticks % length.Ticks == 0 && step / length * placeWidth >= ChartText.Width(Format(step)) + ChartText.Gap);
        if (step == default)
        {
            step = length * Math.Ceiling((ChartText.Width(Format(length)) + ChartText.Gap) / placeWidth);
        }

        for (var index = 0; index < count; index++)
        {
            var time = start + (index * length);
            if (time.Ticks % step.Ticks == 0)
            {
                var format = step < Day && step >= TimeSpan.FromMinutes(1) && time.TimeOfDay == TimeSpan.Zero ? "MM-dd" : Format(step);
                yield return (index, time.ToString(format, CultureInfo.InvariantCulture));
            }
        }
    }

    private string Format(TimeSpan step) =>
        step >= Day ? (count * length > LongSpan ? "yyyy-MM" : "MM-dd")
        : step >= TimeSpan.FromMinutes(1) ? "HH:mm"
        : "HH:mm:ss";
}

/// <summary>How much room text takes in a drawing.</summary>
internal static class ChartText
{
    /// <summary>Between two labels, at least.</summary>
    public const double Gap = 12;

    // The widest digits of the fonts that systems show pages in (DejaVu Sans), at the size of report.css.
    private const double CharacterWidth = 8;

    /// <summary>Width of a label of digits and signs.</summary>
    public static double Width(string text) => text.Length * CharacterWidth;
}
