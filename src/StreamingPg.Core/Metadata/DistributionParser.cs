using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads <c>distribution</c>: a name, or an object with a <c>kind</c> and what belongs to it.</summary>
internal static class DistributionParser
{
    /// <summary>The properties of all distributions.</summary>
    public static readonly string[] Properties = ["kind", "mean", "stddev", "exponent", "bounds"];

    /// <summary>The distributions by their names.</summary>
    public static readonly IReadOnlyDictionary<string, DistributionKind> Kinds = new Dictionary<string, DistributionKind>(StringComparer.Ordinal)
    {
        ["uniform"] = DistributionKind.Uniform,
        ["normal"] = DistributionKind.Normal,
        ["lognormal"] = DistributionKind.LogNormal,
        ["zipf"] = DistributionKind.Zipf,
        ["exponential"] = DistributionKind.Exponential,
        ["histogram"] = DistributionKind.Histogram,
    };

    private const double MaxExponent = 20;

    public static DistributionModel Parse(MetadataPlace place, JsonElement element)
    {
        const string What = "\"distribution\"";
        if (element.ValueKind == JsonValueKind.String)
        {
            var kind = Kind(place, place.Text(element, What));
            return kind != DistributionKind.Histogram ? new DistributionModel(kind) : throw NoBounds(place);
        }

        var properties = new MetadataObject(place, element, What, "a name, or an object with \"kind\"", Properties);
        var name = properties.RequiredText("kind", What);
        var model = new DistributionModel(Kind(place, name))
        {
            Mean = properties.Read("mean", place.Value),
            StandardDeviation = properties.Read("stddev", place.Value),
            Exponent = properties.Number("exponent", 0, MaxExponent),
            Bounds = properties.Read("bounds", (value, what) => HistogramBounds(place, value, what)),
        };
        var taken = Taken(model.Kind);
        var extra = properties.Names.FirstOrDefault(property => property != "kind" && !taken.Contains(property));
        return extra is null
            ? model.Kind != DistributionKind.Histogram || model.Bounds is not null ? model : throw NoBounds(place)
            : throw place.Error(
                $"the distribution \"{name}\" has no \"{extra}\"",
                taken.Length == 0 ? "It has no arguments; \"min\" and \"max\" of the column apply." : $"It takes: {string.Join(", ", taken)}.");
    }

    private static DistributionKind Kind(MetadataPlace place, string name) => Kinds.TryGetValue(name, out var kind)
        ? kind
        : throw place.Error($"there is no distribution \"{name}\"", MetadataError.Suggest(name, [.. Kinds.Keys]));

    private static string[] Taken(DistributionKind kind) => kind switch
    {
        DistributionKind.Normal or DistributionKind.LogNormal => ["mean", "stddev"],
        DistributionKind.Exponential => ["mean"],
        DistributionKind.Zipf => ["exponent"],
        DistributionKind.Histogram => ["bounds"],
        _ => [],
    };

    private static List<object> HistogramBounds(MetadataPlace place, JsonElement element, string what)
    {
        place.Expect(element, JsonValueKind.Array, what, "a list");
        var bounds = element.EnumerateArray().Select(bound => place.Value(bound, $"an entry of {what}")).ToList();
        return bounds.Count >= 2 ? bounds : throw NoBounds(place);
    }

    private static StreamingException NoBounds(MetadataPlace place) => place.Error(
        "the distribution \"histogram\" has no \"bounds\"", "Give at least two ascending bounds; each interval gets the same number of values.");
}
