using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>A place in a metadata document: reads what stands there, and says where it is when it cannot be used.</summary>
/// <param name="Source">Name of the document.</param>
/// <param name="Path"><c>table</c> or <c>table.column</c>; empty for the whole document.</param>
internal sealed record MetadataPlace(string Source, string Path)
{
    /// <summary>The place of a table, or of a column of this table.</summary>
    public MetadataPlace Of(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}.{name}" };

    /// <summary>The error of this place.</summary>
    public StreamingException Error(string reason, string remedy = "") => MetadataError.At(Source, Path, reason, remedy);

    /// <summary>Rejects an element of another kind.</summary>
    public void Expect(JsonElement element, JsonValueKind kind, string what, string expected)
    {
        if (element.ValueKind != kind)
        {
            throw Error($"{what} must be {expected}, not {Describe(element.ValueKind)}");
        }
    }

    /// <summary>The error for an element of a kind that is not among several good ones.</summary>
    public StreamingException Unexpected(JsonElement element, string what, string expected) =>
        Error($"{what} must be {expected}, not {Describe(element.ValueKind)}");

    /// <summary>Text.</summary>
    public string Text(JsonElement element, string what)
    {
        Expect(element, JsonValueKind.String, what, "text");
        var text = Decode(() => element.GetString()!);
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw Error($"{what} contains a NUL character, which PostgreSQL cannot store")
            : text;
    }

    /// <summary>Several texts, at least one, none of them twice.</summary>
    public IReadOnlyList<string> Texts(JsonElement element, string what)
    {
        Expect(element, JsonValueKind.Array, what, "a list");
        var texts = element.EnumerateArray().Select(item => Text(item, $"an entry of {what}")).ToList();
        var twice = texts.GroupBy(text => text, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return (texts.Count, twice) switch
        {
            (0, _) => throw Error($"{what} is empty"),
            (_, not null) => throw Error($"{what} has \"{twice.Key}\" twice", "Remove one of them."),
            _ => texts,
        };
    }

    /// <summary>A finite number.</summary>
    public double Number(JsonElement element, string what)
    {
        Expect(element, JsonValueKind.Number, what, "a number");
        return element.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Error($"{what} is too large");
    }

    /// <summary>A value that a column could have: text, number or truth value, or the JSON text of an object or list.</summary>
    public object Value(JsonElement element, string what) => element.ValueKind switch
    {
        JsonValueKind.String => Text(element, what),
        JsonValueKind.Number => element.TryGetDecimal(out var exact) ? exact : Number(element, what),
        JsonValueKind.True or JsonValueKind.False => element.GetBoolean(),
        JsonValueKind.Null => throw Error($"{what} must be a value, not null", "Use \"null_ratio\" for NULLs."),
        _ => element.GetRawText(),
    };

    /// <summary>The properties in the order of the document; JSON lets a name stand twice, we do not.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Properties(JsonElement element, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = Decode(() => property.Name);
            if (!seen.Add(name))
            {
                throw (what == "property" ? this : Of(name)).Error($"the {what} \"{name}\" occurs twice", "Remove one of them.");
            }

            yield return (name, property.Value);
        }
    }

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    /// <summary>JSON's escapes can spell half a surrogate pair, which is no text.</summary>
    private string Decode(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException exception)
        {
            throw MetadataError.At(Source, Path, "a \\u escape is not a valid character", "", exception);
        }
    }
}
