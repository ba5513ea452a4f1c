using System.Collections;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Text;
using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Converts values from outside to what a column holds: text, bytes, booleans and UUIDs. Every failure is a
/// <see cref="FormatException"/> whose message is the reason.
/// </summary>
internal static class ValueConverter
{
    public static Guid ToGuid(object value) => value switch
    {
        Guid guid => guid,
        string text when Guid.TryParse(text, out var guid) => guid,
        _ => throw new FormatException("it is not a UUID"),
    };

    public static bool ToBoolean(object value) => value switch
    {
        bool truth => truth,
        string text => ParseBoolean(text.Trim().ToLowerInvariant()),
        _ when value is not (char or DateTime) && value is IConvertible => NumberConverter.ToInteger(value, 0, 1, "boolean") == 1,
        _ => throw new FormatException("it is neither true nor false"),
    };

    public static byte[] ToBytes(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => ParseBytes(text.Trim()),
        Array { Rank: > 1 } => throw new FormatException("it is not a plain list of bytes"),
        IEnumerable items => [.. items.Cast<object>().Select(item => (byte)NumberConverter.ToInteger(item, 0, byte.MaxValue, "a byte"))],
        _ => throw new FormatException("it is not bytes"),
    };

    public static string ToLabel(object value, ColumnType type)
    {
        var text = ToPlainText(value);
        return type.Labels.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new FormatException($"it is not one of {string.Join(", ", type.Labels)}");
    }

    public static string ToText(object value, ColumnType type)
    {
        var text = CheckCharacters(ToPlainText(value));
        if (type.Length is { } length && text.Length > length)
        {
            var characters = CountCharacters(text);
            if (characters > length)
            {
                throw new FormatException($"it has {characters} characters, but the column takes only {length}");
            }
        }

        return text;
    }

    /// <summary>A scalar as text: numbers with all their digits, times in ISO 8601 with fraction and zone. What is no scalar (a list,
    /// an object, bytes, a secret) has no text.</summary>
    public static string ToPlainText(object value) => value switch
    {
        string text => text,
        char character => character.ToString(),
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        Uri uri => uri.OriginalString,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        PhysicalAddress or StringBuilder => value.ToString()!,
        _ => throw new FormatException("it has no text form: convert it to text, or load it into a json column"),
    };

    /// <summary>The value as a person can read it in an error, which never shows what it has inside.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        UnreadableText unread => Describe(unread.Text),
        IntervalParts or string or char or bool or IFormattable or PhysicalAddress => $"\"{FieldCodec.Describe(ToPlainText(value))}\"",
        JsonElement json => json.ValueKind == JsonValueKind.Array ? "a JSON array" : "a JSON object",
        byte[] => "bytes",
        Array { Rank: > 1 } array => $"an array of {array.Rank} dimensions",
        _ => $"a value of type {value.GetType().Name}",
    };

    /// <summary>Rejects characters that would not arrive as they are.</summary>
    public static string CheckCharacters(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new FormatException("it contains a NUL character, which PostgreSQL cannot store in text");
        }

        for (var at = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(text[at]))
            {
                throw new FormatException($"it has an incomplete character (a lone surrogate) at position {at + 1}");
            }
        }

        return text;
    }

    /// <summary>Characters as PostgreSQL counts them: code points, not UTF-16 units.</summary>
    private static int CountCharacters(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
        {
            if (char.IsLowSurrogate(unit))
            {
                count--;
            }
        }

        return count;
    }

    // What PostgreSQL takes too.
    private static bool ParseBoolean(string text) => text switch
    {
        "true" or "t" or "yes" or "y" or "on" or "1" => true,
        "false" or "f" or "no" or "n" or "off" or "0" => false,
        _ => throw new FormatException("it is neither true nor false"),
    };

    private static byte[] ParseBytes(string text)
    {
        try
        {
            return text.StartsWith("\\x", StringComparison.OrdinalIgnoreCase)
                ? Convert.FromHexString(text.AsSpan(2))
                : throw new FormatException("it is not bytes");
        }
        catch (FormatException exception)
        {
            throw new FormatException(@"it is not bytes in the form \xDEADBEEF", exception);
        }
    }
}
