using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Writes a document of hash tables, objects, lists and plain values as JSON.</summary>
internal static class PlainDocument
{
    /// <summary>Deeper than any metadata; what refers to itself ends here.</summary>
    private const int MaxDepth = 64;

    /// <exception cref="ArgumentTransformationMetadataException">It nests too deeply.</exception>
    public static string ToJson(object document) => Node(document, 0)!.ToJsonString();

    /// <summary>True for an object that can be a document: each of its properties is a table. Other objects only have a property of the name.</summary>
    public static bool HasTables(PSObject document) =>
        document.Properties.Any() && document.Properties.All(static property => property.Value is PSObject { BaseObject: PSCustomObject } or IDictionary);

    private static JsonNode? Node(object? value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentTransformationMetadataException($"The metadata nests deeper than {MaxDepth} levels.");
        }

        return value switch
        {
            null => null,
            PSObject { BaseObject: PSCustomObject } made => Object(made.Properties.Select(static property => (property.Name, (object?)property.Value)), depth),
            PSObject wrapped => Node(wrapped.BaseObject, depth),
            IDictionary table => Object(Entries(table), depth),
            string text => JsonValue.Create(text),
            IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Node(item, depth + 1))]),
            bool flag => JsonValue.Create(flag),
            SwitchParameter flag => JsonValue.Create(flag.IsPresent),
            DateTime time => JsonValue.Create(time),
            DateTimeOffset time => JsonValue.Create(time),
            byte or sbyte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(value, null)),
            float or double => JsonValue.Create(Convert.ToDouble(value, null)),
            decimal number => JsonValue.Create(number),
            _ => JsonValue.Create(LanguagePrimitives.ConvertTo<string>(value)),
        };
    }

    private static JsonObject Object(IEnumerable<(string Name, object? Value)> entries, int depth)
    {
        var node = new JsonObject();
        foreach (var (name, value) in entries)
        {
            node[name] = Node(value, depth + 1);
        }

        return node;
    }

    /// <summary>A plain hash table has no order, and columns do: then it is that of the names, so that it is the same each time.</summary>
    private static IEnumerable<(string Name, object? Value)> Entries(IDictionary table)
    {
        var entries = table.Cast<DictionaryEntry>().Select(static entry => (Name: $"{entry.Key}", entry.Value));
        return table is Hashtable ? entries.OrderBy(static entry => entry.Name, StringComparer.Ordinal) : entries;
    }
}
