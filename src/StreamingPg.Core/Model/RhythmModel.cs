namespace StreamingPg.Core.Model;

/// <summary>How the rate of events varies over the hours and the days of a week.</summary>
/// <param name="TimeZone">The time zone of the hours, by its IANA name.</param>
/// <param name="Hours">Weights of the 24 hours, from midnight.</param>
/// <param name="Weekdays">Weights of the 7 days, from Monday.</param>
internal sealed record RhythmModel(string TimeZone, IReadOnlyList<double> Hours, IReadOnlyList<double> Weekdays)
{
    /// <summary>The time zone when nothing else is asked.</summary>
    public const string DefaultTimeZone = "UTC";

    private static readonly double[] ShopHours =
        [0.35, 0.2, 0.12, 0.08, 0.08, 0.12, 0.25, 0.45, 0.7, 0.95, 1.15, 1.3, 1.4, 1.35, 1.3, 1.3, 1.35, 1.5, 1.7, 1.85, 1.9, 1.7, 1.2, 0.7];

    private static readonly double[] OfficeHours =
        [0.02, 0.02, 0.02, 0.02, 0.02, 0.04, 0.1, 0.4, 1.2, 2.2, 2.5, 2.3, 1.3, 1.7, 2.3, 2.2, 1.8, 1.2, 0.5, 0.2, 0.1, 0.06, 0.04, 0.02];

    /// <summary>The rhythm that is asked for: that of the pattern, else that of the metadata; null for a flat one.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="pattern">The pattern, or null.</param>
    /// <param name="timeZone">The time zone of the pattern, or null.</param>
    /// <exception cref="StreamingException">There is no such time zone, or no pattern for it.</exception>
    public static RhythmModel? Of(StreamModel model, RatePattern? pattern, string? timeZone)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (pattern is null or RatePattern.Flat && timeZone is not null)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"TimeZone {timeZone} has nothing to apply to.",
                "Use it with RatePattern Shop or Office; the rhythm of a metadata has its own \"time_zone\".",
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
