using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads <c>values</c>: a list, an object of weights, or a list of values with their weights.</summary>
internal static class ColumnValuesParser
{
    /// <summary>The properties of an entry that has a weight.</summary>
    public static readonly string[] EntryProperties = ["value", "weight"];

    private const string What = "\"values\"";

    public static IReadOnlyList<WeightedValue> Parse(MetadataPlace place, JsonElement element)
    {
        var values = element.ValueKind switch
        {
            JsonValueKind.Object => place.Properties(element, "property")
                .Select(entry => new WeightedValue(entry.Name, Weight(place, entry.Value, entry.Name))).ToList(),
            JsonValueKind.Array => element.EnumerateArray().Select(entry => Entry(place, entry)).ToList(),
            _ => throw place.Unexpected(element, What, "a list of values, or an object of values and their weights"),
        };
        if (values.Count == 0)
        {
            throw place.Error($"{What} is empty", "Give at least one value.");
        }

        var twice = values.GroupBy(entry => entry.Value).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw place.Error($"{What} has \"{twice.Key}\" twice", "Remove one of them, or give it a weight.");
        }

        var sum = values.Sum(entry => entry.Weight);
        return sum > 0 && double.IsFinite(sum)
            ? values
            : throw place.Error(
                FormattableString.Invariant($"the sum of the weights of {What} is {sum}"), "Give at least one value a weight greater than 0.");
    }

    private static WeightedValue Entry(MetadataPlace place, JsonElement element)
    {
        const string Entry = "an entry of " + What;
        if (element.ValueKind != JsonValueKind.Object)
        {
            return new WeightedValue(place.Value(element, Entry), 1);
        }

        var entry = new MetadataObject(place, element, Entry, "a value, or an object with \"value\"", EntryProperties);
        var value = entry.Find("value") ?? throw place.Error($"{Entry} has no \"value\"");
        return new WeightedValue(
            place.Value(value, "\"value\""), entry.Find("weight") is { } weight ? Weight(place, weight, "value") : 1);
    }

    private static double Weight(MetadataPlace place, JsonElement element, string value)
    {
        var weight = place.Number(element, $"the weight of \"{value}\"");
        return weight >= 0
            ? weight
            : throw place.Error(FormattableString.Invariant($"the weight of \"{value}\" is {weight}, but it must be 0 or more"));
    }
}
