using System.Text;
using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>Arrays as text: JSON (<c>[1, [2]]</c>), or PostgreSQL's own form (<c>{a,"b c",NULL}</c>).</summary>
internal static class ArrayText
{
    /// <summary>The elements; of several dimensions, lists of them.</summary>
    /// <exception cref="FormatException">It is no array; the message is the reason alone.</exception>
    public static IEnumerable<object?> Parse(string text, ColumnType element)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith('['))
        {
            return ParseJson(trimmed, element);
        }

        var at = 0;
        return trimmed.StartsWith('{') && ParseList(trimmed, ref at) is var items && at == trimmed.Length ? items : throw NoArray();
    }

    private static List<object?> ParseJson(string text, ColumnType element)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. ArrayCodec.ListOf(document.RootElement.Clone(), element)!];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw NoArray(exception);
        }
    }

    /// <summary>From the opening brace to the closing one.</summary>
    private static List<object?> ParseList(string text, ref int at)
    {
        var items = new List<object?>();
        at++;
        SkipBlanks(text, ref at);
        if (Next(text, at) == '}')
        {
            at++;
            return items;
        }

        while (true)
        {
            SkipBlanks(text, ref at);
            items.Add(Next(text, at) switch
            {
                '{' => ParseList(text, ref at),
                '"' => ParseQuoted(text, ref at),
                _ => ParsePlain(text, ref at),
            });
            SkipBlanks(text, ref at);
            switch (Next(text, at++))
            {
                case '}':
                    return items;
                case not ',':
                    throw NoArray();
            }
        }
    }

    private static string ParseQuoted(string text, ref int at)
    {
        var item = new StringBuilder();
        for (at++; Next(text, at) is not '"' and var character; at++)
        {
            item.Append(character == '\\' ? Next(text, ++at) : character);
        }

        at++;
        return item.ToString();
    }

    private static string? ParsePlain(string text, ref int at)
    {
        var item = new StringBuilder();
        var kept = 0;
        for (; Next(text, at) is not (',' or '}') and var character; at++)
        {
            if (character is '{' or '"')
            {
                throw NoArray();
            }

            item.Append(character == '\\' ? Next(text, ++at) : character);
            kept = character == '\\' || !char.IsWhiteSpace(character) ? item.Length : kept;
        }

        var found = item.ToString(0, kept);
        return found.Length == 0 ? throw NoArray()
            : found.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? null
            : found;
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }

    private static char Next(string text, int at) => at < text.Length ? text[at] : throw NoArray();

    private static FormatException NoArray(Exception? cause = null) =>
        new("it is not an array such as [1, 2] or {1,2}", cause);
}
