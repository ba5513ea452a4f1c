using System.Globalization;

namespace StreamingPg.Core.Model;

/// <summary>How the rate of events varies over the hours and the days of a week.</summary>
/// <param name="TimeZone">The time zone of the hours, by its IANA name.</param>
/// <param name="Hours">Weights of the 24 hours, from midnight.</param>
/// <param name="Weekdays">Weights of the 7 days, from Monday.</param>
internal sealed record RhythmModel(string TimeZone, IReadOnlyList<double> Hours, IReadOnlyList<double> Weekdays)
{
    /// <summary>Weights of the 12 months; null for no seasons.</summary>
    public IReadOnlyList<double>? Months { get; init; }

    /// <summary>Factors of dates: of one day (<c>2026-11-27</c>), or of one in every year (<c>12-25</c>).</summary>
    public IReadOnlyDictionary<string, double> Dates { get; init; } = new Dictionary<string, double>();

    /// <summary>The time zone when nothing else is asked.</summary>
    public const string DefaultTimeZone = "UTC";

    private const int MostFactor = 1000;

    private static readonly double[] ShopHours =
        [0.35, 0.2, 0.12, 0.08, 0.08, 0.12, 0.25, 0.45, 0.7, 0.95, 1.15, 1.3, 1.4, 1.35, 1.3, 1.3, 1.35, 1.5, 1.7, 1.85, 1.9, 1.7, 1.2, 0.7];

    private static readonly double[] OfficeHours =
        [0.02, 0.02, 0.02, 0.02, 0.02, 0.04, 0.1, 0.4, 1.2, 2.2, 2.5, 2.3, 1.3, 1.7, 2.3, 2.2, 1.8, 1.2, 0.5, 0.2, 0.1, 0.06, 0.04, 0.02];

    /// <summary>The rhythm that is asked for: that of the pattern, else that of the metadata, and the dates; null for a flat one.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="pattern">The pattern, or null.</param>
    /// <param name="timeZone">The time zone of the pattern and the dates, or null.</param>
    /// <param name="dates">Factors of dates, or null.</param>
    /// <exception cref="StreamingException">There is no such time zone or date, or nothing that the zone is for.</exception>
    public static RhythmModel? Of(StreamModel model, RatePattern? pattern, string? timeZone, IReadOnlyDictionary<string, double>? dates = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var rhythm = OfWeek(model, pattern, timeZone, dates is { Count: > 0 });
        if (dates is not { Count: > 0 })
        {
            return rhythm;
        }

        foreach (var (date, factor) in dates)
        {
            if (WhyInvalidDate(date, factor) is { } reason)
            {
                throw new StreamingException(
                    ErrorIds.OptionOutOfRange, StreamingErrorKind.InvalidInput, $"DateFactor cannot have {date}: {reason}.", "Write 2026-11-27=4, or 12-25=0.2 for every year.", date);
            }
        }

        rhythm ??= new RhythmModel(timeZone ?? DefaultTimeZone, [.. Enumerable.Repeat(1.0, 24)], [.. Enumerable.Repeat(1.0, 7)]);
        return rhythm with { Dates = rhythm.Dates.Where(date => !dates.ContainsKey(date.Key)).Concat(dates).ToDictionary(StringComparer.Ordinal) };
    }

    /// <summary>Why a date or its factor is none, a clause; null when they are.</summary>
    public static string? WhyInvalidDate(string date, double factor) =>
        !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            && !DateOnly.TryParseExact($"2024-{date}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? "it is no date such as 2026-11-27 or 12-25"
        : factor is not (>= 0 and <= MostFactor) ? $"its factor must be from 0 to {MostFactor}"
        : null;

    private static RhythmModel? OfWeek(StreamModel model, RatePattern? pattern, string? timeZone, bool hasDates)
    {
        if (pattern is null or RatePattern.Flat && timeZone is not null && !(hasDates && (pattern is not null || model.Rhythm is null)))
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"TimeZone {timeZone} has nothing to apply to.",
                "Use it with RatePattern Shop or Office, or with DateFactor; the rhythm of a metadata has its own \"time_zone\".",
                timeZone);
        }

        var zone = timeZone ?? DefaultTimeZone;
        if (WhyInvalidZone(zone) is { } reason)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"TimeZone cannot be {zone}: {reason}.",
                "Use an IANA name such as Europe/Berlin or America/New_York.",
                zone);
        }

        return pattern switch
        {
            RatePattern.Shop => new RhythmModel(zone, ShopHours, [0.95, 0.9, 0.9, 0.95, 1.1, 1.25, 1.15]),
            RatePattern.Office => new RhythmModel(zone, OfficeHours, [1, 1.05, 1.05, 1, 0.85, 0.06, 0.05]),
            RatePattern.Flat => null,
            _ => model.Rhythm,
        };
    }

    /// <summary>Why a name is that of no time zone, a clause; null when it is one.</summary>
    public static string? WhyInvalidZone(string name)
    {
        try
        {
            TimeZoneInfo.FindSystemTimeZoneById(name);
            return null;
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or ArgumentException)
        {
            return "this machine knows no such time zone";
        }
    }
}
