using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads <c>$rhythm</c>: how the rate of events varies over the week.</summary>
internal static class RhythmParser
{
    /// <summary>Name of the property.</summary>
    public const string Property = "$rhythm";

    private const int HoursOfDay = 24;
    private const int MonthsOfYear = 12;
    private const double MostWeight = 1_000_000;

    /// <summary>What a rhythm may have.</summary>
    public static readonly string[] Properties = ["time_zone", "hours", "weekdays", "months", "dates"];

    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    public static RhythmModel Parse(MetadataPlace document, JsonElement element)
    {
        var rhythm = new MetadataObject(document.Of(Property), element, $"\"{Property}\"", "an object with \"hours\" or \"weekdays\"", Properties);
        var zone = rhythm.Text("time_zone") ?? RhythmModel.DefaultTimeZone;
        if (RhythmModel.WhyInvalidZone(zone) is { } reason)
        {
            throw rhythm.Place.Error($"\"time_zone\" is \"{zone}\": {reason}", "Use an IANA name such as Europe/Berlin or America/New_York.");
        }

        return new RhythmModel(
            zone,
            rhythm.Read("hours", (hours, what) => List(rhythm.Place, hours, what, HoursOfDay, "hours", "day")) ?? [.. Enumerable.Repeat(1.0, HoursOfDay)],
            rhythm.Read("weekdays", (days, what) => Weekdays(rhythm.Place, days, what)) ?? [.. Enumerable.Repeat(1.0, Days.Length)])
        {
            Months = rhythm.Read("months", (months, what) => List(rhythm.Place, months, what, MonthsOfYear, "months", "year")),
            Dates = rhythm.Read("dates", (dates, what) => Dates(rhythm.Place, dates, what)) ?? new Dictionary<string, double>(),
        };
    }

    private static Dictionary<string, double> Dates(MetadataPlace place, JsonElement element, string what)
    {
        var dates = new MetadataObject(place, element, what, "an object of dates and factors", known: null);
        return dates.Names.ToDictionary(date => date, date =>
        {
            var factor = place.Number(dates.Find(date)!.Value, $"\"{date}\"");
            return RhythmModel.WhyInvalidDate(date, factor) is { } reason ? throw place.Error($"{what} cannot have \"{date}\": {reason}") : factor;
        });
    }

    private static List<double> List(MetadataPlace place, JsonElement element, string what, int count, string units, string whole)
    {
        place.Expect(element, JsonValueKind.Array, what, $"a list of {count} weights");
        List<double> weights = [.. element.EnumerateArray().Select(weight => Weight(place, weight, $"an entry of {what}"))];
        return weights.Count == count
            ? Checked(place, weights, what)
            : throw place.Error($"{what} has {weights.Count} weights, but a {whole} has {count} {units}");
    }

    private static List<double> Weekdays(MetadataPlace place, JsonElement element, string what)
    {
        var days = new MetadataObject(place, element, what, "an object of weekdays and weights", Days);
        return Checked(place, [.. Days.Select(day => days.Find(day) is { } weight ? Weight(place, weight, $"\"{day}\"") : 1)], what);
    }

    private static double Weight(MetadataPlace place, JsonElement element, string what) =>
        place.Number(element, what) is >= 0 and <= MostWeight and var weight ? weight
            : throw place.Error($"{what} must be a weight from 0 to {MostWeight:0}");

    private static List<double> Checked(MetadataPlace place, List<double> weights, string what) =>
        weights.Exists(weight => weight > 0) ? weights : throw place.Error($"all weights of {what} are 0");
}
