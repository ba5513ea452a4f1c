using System.Buffers.Binary;
using System.Collections;
using System.Text;
using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>Arrays of one dimension.</summary>
internal static class ArrayCodec
{
    /// <summary>Writes a list of values, or text: a JSON array, or what PostgreSQL itself writes (<c>{a,"b c",NULL}</c>).</summary>
    /// <exception cref="FormatException">It is no array, or an element does not fit; the message is the reason alone.</exception>
    public static void Write(RowWriter writer, ColumnType element, object value)
    {
        var items = value switch
        {
            string text => Parse(text.Trim()),
            IEnumerable list => [.. list.Cast<object?>()],
            _ => throw new FormatException("it is not a list"),
        };
        var start = writer.BeginArray(BinaryType.Oid(element), items.Count, items.Exists(item => FieldCodec.IsNothing(item, element)));
        for (var index = 0; index < items.Count; index++)
        {
            try
            {
                FieldCodec.Write(writer, element, items[index]);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"element {index + 1}: {exception.Message}", exception);
            }
        }

        writer.EndField(start);
    }

    /// <summary>The elements; those of an array of several dimensions one after the other.</summary>
    public static object?[] Read(ColumnType element, ReadOnlySpan<byte> field)
    {
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(field);
        var count = dimensions == 0 ? 0 : 1;
        for (var dimension = 0; dimension < dimensions; dimension++)
        {
            count *= BinaryPrimitives.ReadInt32BigEndian(field[(12 + (8 * dimension))..]);
        }

        var items = new object?[count];
        var rest = field[(12 + (8 * dimensions))..];
        for (var index = 0; index < count; index++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (length >= 0)
            {
                items[index] = FieldCodec.Read(element, rest[..length]);
                rest = rest[length..];
            }
        }

        return items;
    }

    private static List<object?> Parse(string text) =>
        text.StartsWith('[') ? ParseJson(text)
        : text.Length > 1 && text[0] == '{' && text[^1] == '}' ? ParseLiteral(text[1..^1])
        : throw NoArray();

    private static List<object?> ParseJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(ToItem)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw NoArray(exception);
        }
    }

    private static object? ToItem(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => item.GetString(),
        JsonValueKind.True or JsonValueKind.False => item.GetBoolean(),
        _ => item.GetRawText(),
    };

    private static List<object?> ParseLiteral(string text)
    {
        var items = new List<object?>();
        for (var at = 0; at < text.Length || (items.Count > 0 && at == text.Length); at++)
        {
            items.Add(ParseItem(text, ref at));
            if (at < text.Length && text[at] != ',')
            {
                throw NoArray();
            }
        }

        return items;
    }

    private static string? ParseItem(string text, ref int at)
    {
        var item = new StringBuilder();
        var wasQuoted = false;
        var isQuoted = false;
        for (; at < text.Length && (isQuoted || text[at] != ','); at++)
        {
            if (text[at] == '"')
            {
                (wasQuoted, isQuoted) = (true, !isQuoted);
            }
            else if (text[at] is '{' or '}' && !isQuoted)
            {
                throw NoArray();
            }
            else
            {
                at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
                item.Append(text[at]);
            }
        }

        var found = wasQuoted ? item.ToString() : item.ToString().Trim();
        return isQuoted || (!wasQuoted && found.Length == 0) ? throw NoArray()
            : !wasQuoted && found.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? null
            : found;
    }

    private static FormatException NoArray(Exception? cause = null) =>
        new("it is not an array such as [1, 2] or {1,2}", cause);
}
