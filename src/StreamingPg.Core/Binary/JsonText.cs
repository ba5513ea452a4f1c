using System.Collections;
using System.Text;
using System.Text.Json;

namespace StreamingPg.Core.Binary;

/// <summary>Values from outside as JSON text.</summary>
internal static class JsonText
{
    /// <summary>Text is taken as JSON already; anything else becomes JSON.</summary>
    /// <exception cref="FormatException">It is not JSON; the message is the reason alone.</exception>
    public static string Of(object value) => value switch
    {
        string text => Check(text),
        JsonElement element => element.GetRawText(),
        JsonDocument document => document.RootElement.GetRawText(),
        _ => Serialize(value),
    };

    private static string Check(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = 1000 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.GetString()!.Contains('\0', StringComparison.Ordinal))
                {
                    throw new FormatException("it has a NUL character, which PostgreSQL cannot keep in text");
                }
            }

            return text;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException("it is not JSON", exception);
        }
    }

    private static string Serialize(object value)
    {
        try
        {
            return value is IDictionary or IEnumerable or IConvertible or IFormattable
                ? JsonSerializer.Serialize(value)
                : throw new FormatException("it is not JSON");
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or ArgumentException)
        {
            throw new FormatException("it cannot be made JSON", exception);
        }
    }
}
