using System.Text.Json.Nodes;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>Makes metadata of random tables whose foreign keys never run in a cycle.</summary>
internal static class RandomMetadata
{
    /// <summary>The same seed gives the same document; its tables stand in random order.</summary>
    public static JsonObject Create(int seed)
    {
        var random = new Random(seed);
        var tables = new List<(string Name, JsonObject Columns)>();
        for (var i = 0; i < random.Next(1, 30); i++)
        {
            var columns = new JsonObject();
            for (var key = 0; key < random.Next(1, 4); key++)
            {
                columns[$"key{key}"] = new JsonObject { ["type"] = key == 0 ? "UUID" : "VARCHAR(20)", ["primary_key"] = true };
            }

            foreach (var parent in tables.Where(_ => random.Next(4) == 0).ToList())
            {
                AddReference(columns, parent.Name, parent.Columns);
            }

            tables.Add(($"table {random.Next(1_000_000)} {i}", columns));
        }

        var order = tables.ToArray();
        random.Shuffle(order);
        return new JsonObject(order.Select(table =>
            KeyValuePair.Create<string, JsonNode?>(table.Name, new JsonObject { ["columns"] = table.Columns })));
    }

    private static void AddReference(JsonObject columns, string parentName, JsonObject parentColumns)
    {
        foreach (var (column, definition) in parentColumns.Where(entry => entry.Value!["primary_key"] is not null).ToList())
        {
            columns[$"{parentName} {column}"] = new JsonObject
            {
                ["type"] = definition!["type"]!.GetValue<string>(),
                ["foreign_key"] = new JsonObject { ["table"] = parentName, ["column"] = column },
            };
        }
    }
}
