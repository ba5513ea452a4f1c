using System.Text.Json.Nodes;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>What the server's statistics say of the values of a column.</summary>
/// <param name="Type">Type of the column.</param>
internal sealed record LearntColumn(ColumnType Type)
{
    /// <summary>Share of NULLs; 0 for none.</summary>
    public double NullRatio { get; init; }

    /// <summary>The values and how often they come, when there are but a few; else empty.</summary>
    public IReadOnlyList<(string Value, double Frequency)> Values { get; init; } = [];

    /// <summary>Bounds of buckets that hold the same number of values each; empty when they are not known.</summary>
    public IReadOnlyList<object> Bounds { get; init; } = [];

    /// <summary>True when no value was looked at.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>Adds it to a column's metadata, beside the bounds that the column has already.</summary>
    public void AddTo(JsonObject column)
    {
        if (NullRatio > 0)
        {
            column["null_ratio"] = Math.Round(NullRatio, 4);
        }

        if (IsSensitive)
        {
            column["sensitive"] = true;
        }

        if (column.ContainsKey("values"))
        {
            return;
        }

        if (Values.Count > 0 && !column.ContainsKey("min") && !column.ContainsKey("max"))
        {
            column["values"] = new JsonArray([.. Values.Select(value => (JsonNode)new JsonObject
            {
                ["value"] = JsonValues.Of(Type, value.Value),
                ["weight"] = Math.Round(value.Frequency, 6),
            })]);
        }
        else if (Bounds.Count > 0)
        {
            column["distribution"] = new JsonObject
            {
                ["kind"] = "histogram",
                ["bounds"] = new JsonArray([.. Bounds.Select(JsonValues.Of)]),
            };
        }
    }
}
