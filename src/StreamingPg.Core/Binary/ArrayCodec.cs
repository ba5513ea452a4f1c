using System.Buffers.Binary;
using System.Collections;
using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>Arrays, of one dimension or several.</summary>
internal static class ArrayCodec
{
    private const int MostDimensions = 6;

    /// <summary>Writes a list of values, or text: a JSON array, or what PostgreSQL itself writes (<c>{a,"b c",NULL}</c>). Lists of
    /// lists are dimensions.</summary>
    /// <exception cref="FormatException">It is no array, or an element does not fit; the message is the reason alone.</exception>
    public static void Write(RowWriter writer, ColumnType element, object value)
    {
        var list = value is string text ? ArrayText.Parse(text, element) : ListOf(value, element) ?? throw new FormatException("it is not a list");
        var items = new List<object?>();
        var dimensions = new List<int>();
        Collect(list, element, depth: 0, dimensions, items);
        var start = writer.BeginArray(
            BinaryType.Oid(element), items.Count == 0 ? [] : dimensions.ToArray(), items.Exists(item => item is null or DBNull));
        for (var index = 0; index < items.Count; index++)
        {
            try
            {
                if (items[index] is { } item and not DBNull)
                {
                    FieldCodec.WriteValue(writer, element, item);
                }
                else
                {
                    writer.WriteNull();
                }
            }
            catch (FormatException exception)
            {
                throw new FormatException($"element {index + 1}: {exception.Message}", exception);
            }
        }

        writer.EndField(start);
    }

    /// <summary>The elements; of an array of several dimensions, arrays of them.</summary>
    public static object?[] Read(ColumnType element, ReadOnlySpan<byte> field)
    {
        var dimensions = new int[BinaryPrimitives.ReadInt32BigEndian(field)];
        for (var dimension = 0; dimension < dimensions.Length; dimension++)
        {
            dimensions[dimension] = BinaryPrimitives.ReadInt32BigEndian(field[(12 + (8 * dimension))..]);
        }

        var rest = field[(12 + (8 * dimensions.Length))..];
        return dimensions.Length == 0 ? [] : Read(element, dimensions, ref rest);
    }

    /// <summary>The rows of an array of .NET of several dimensions, each a list of its own.</summary>
    public static IEnumerable<object?> Rows(Array array) => Rows(array, new int[array.Rank], 0);

    /// <summary>The items of a list that is a dimension; null for what is an element, or no list at all.</summary>
    internal static IEnumerable<object?>? ListOf(object? value, ColumnType element) => value switch
    {
        null or string or IDictionary => null,
        byte[] when element.Kind == ColumnKind.Bytea => null,
        JsonElement { ValueKind: JsonValueKind.Array } json => json.EnumerateArray().Select(item => ItemOf(item, element)),
        Array { Rank: > 1 } array => Rows(array),
        IEnumerable items when IsList(items) => items.Cast<object?>(),
        _ => null,
    };

    /// <summary>What only can be walked through, such as XML, is no list.</summary>
    internal static bool IsList(IEnumerable value) => value is ICollection || value.GetType().GetInterfaces().Any(type =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>));

    private static object? ItemOf(JsonElement item, ColumnType element) => item.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => item.GetString(),
        JsonValueKind.True or JsonValueKind.False => item.GetBoolean(),
        JsonValueKind.Number => item.GetRawText(),
        _ when element.Kind is ColumnKind.Json or ColumnKind.Jsonb => item.GetRawText(),
        _ => item,
    };

    private static IEnumerable<object?> Rows(Array array, int[] place, int dimension)
    {
        for (var index = array.GetLowerBound(dimension); index <= array.GetUpperBound(dimension); index++)
        {
            int[] at = [.. place[..dimension], index, .. place[(dimension + 1)..]];
            yield return dimension == array.Rank - 1 ? array.GetValue(at) : Rows(array, at, dimension + 1).ToArray();
        }
    }

    private static void Collect(IEnumerable<object?> list, ColumnType element, int depth, List<int> dimensions, List<object?> items)
    {
        var row = list.ToList();
        if (depth == dimensions.Count)
        {
            dimensions.Add(depth < MostDimensions ? row.Count : throw new FormatException($"it has more than {MostDimensions} dimensions"));
        }
        else if (dimensions[depth] != row.Count)
        {
            throw Ragged();
        }

        var isJson = element.Kind is ColumnKind.Json or ColumnKind.Jsonb;
        foreach (var item in row)
        {
            // A list among JSON values is JSON.
            if (!isJson && ListOf(item, element) is { } inner)
            {
                var isFirst = items.Count == 0 || depth + 1 < dimensions.Count;
                Collect(isFirst ? inner : throw Ragged(), element, depth + 1, dimensions, items);
            }
            else
            {
                items.Add(depth == dimensions.Count - 1 ? item : throw Ragged());
            }
        }

        if (depth > 0 && row.Count == 0)
        {
            throw new FormatException("a list within it is empty");
        }
    }

    private static object?[] Read(ColumnType element, ReadOnlySpan<int> dimensions, ref ReadOnlySpan<byte> rest)
    {
        var row = new object?[dimensions[0]];
        for (var index = 0; index < row.Length; index++)
        {
            if (dimensions.Length > 1)
            {
                row[index] = Read(element, dimensions[1..], ref rest);
                continue;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (length >= 0)
            {
                row[index] = FieldCodec.Read(element, rest[..length]);
                rest = rest[length..];
            }
        }

        return row;
    }

    private static FormatException Ragged() => new("the lists within it differ in length or depth");
}
