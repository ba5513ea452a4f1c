using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamingPg.Core.Binary;

/// <summary>Values from outside as JSON text.</summary>
internal static class JsonText
{
    private const int MostLevels = 256;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MostLevels };
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Text is taken as JSON already; anything else becomes JSON, number for number and list for list.</summary>
    /// <exception cref="FormatException">It is not JSON, or has none of its own; the message is the reason alone.</exception>
    public static string Of(object value) => value switch
    {
        string text => Check(text),
        JsonElement element => Check(element.GetRawText()),
        JsonDocument document => Check(document.RootElement.GetRawText()),
        JsonNode node => Check(node.ToJsonString()),
        _ => Serialize(value),
    };

    private static string Check(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Strict.GetBytes(text), new JsonReaderOptions { MaxDepth = 1000 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.GetString()!.Contains('\0', StringComparison.Ordinal))
                {
                    throw new FormatException("it contains a NUL character, which PostgreSQL cannot store in text");
                }
            }

            return text;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or EncoderFallbackException)
        {
            throw new FormatException("it is not valid JSON (text needs quotation marks)", exception);
        }
    }

    private static string Serialize(object value)
    {
        using var buffer = new MemoryStream();
        try
        {
            using (var json = new Utf8JsonWriter(buffer, Options))
            {
                Write(json, value, level: 1);
            }

            return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new FormatException("it cannot be converted to JSON", exception);
        }
    }

    private static void Write(Utf8JsonWriter json, object? value, int level)
    {
        if (level >= MostLevels)
        {
            throw new FormatException($"it is nested deeper than {MostLevels} levels, or contains itself");
        }

        switch (value)
        {
            case null or DBNull:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case double or float or Half:
                WriteFloat(json, (IFormattable)value);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal or BigInteger or Int128 or UInt128:
                json.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                json.WriteStringValue("\\x" + Convert.ToHexString(bytes).ToLowerInvariant());
                break;
            case JsonElement or JsonDocument or JsonNode:
                json.WriteRawValue(Of(value));
                break;
            case IDictionary pairs:
                WriteObject(json, pairs, level);
                break;
            case Array { Rank: > 1 } array:
                WriteList(json, ArrayCodec.Rows(array), level);
                break;
            case IEnumerable list and not string when ArrayCodec.IsList(list):
                WriteList(json, list, level);
                break;
            default:
                json.WriteStringValue(ValueConverter.CheckCharacters(ValueConverter.ToPlainText(value)));
                break;
        }
    }

    private static void WriteFloat(Utf8JsonWriter json, IFormattable number)
    {
        var text = number.ToString(null, CultureInfo.InvariantCulture);
        json.WriteRawValue(char.IsAsciiDigit(text[^1]) ? text : throw new FormatException($"JSON has no number {text}"));
    }

    private static void WriteObject(Utf8JsonWriter json, IDictionary pairs, int level)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        json.WriteStartObject();
        foreach (DictionaryEntry pair in pairs)
        {
            var name = ValueConverter.CheckCharacters(ValueConverter.ToPlainText(pair.Key));
            json.WritePropertyName(names.Add(name) ? name : throw new FormatException($"it has the key \"{name}\" twice"));
            Write(json, pair.Value, level + 1);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable list, int level)
    {
        json.WriteStartArray();
        foreach (var item in list)
        {
            Write(json, item, level + 1);
        }

        json.WriteEndArray();
    }
}
