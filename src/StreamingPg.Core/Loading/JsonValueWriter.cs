using System.Collections;
using System.Globalization;
using System.Text.Json;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading;

/// <summary>Writes a value of a column as JSON from which the same value can be imported.</summary>
internal static class JsonValueWriter
{
    public static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or DBNull:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case decimal number when SurvivesDouble(number):
                json.WriteNumberValue(number);
                break;
            case byte[] bytes:
                json.WriteStringValue("\\x" + Convert.ToHexString(bytes));
                break;
            case IDictionary pairs:
                json.WriteStartObject();
                foreach (DictionaryEntry pair in pairs)
                {
                    json.WritePropertyName(FieldCodec.ToText(pair.Key));
                    Write(json, pair.Value);
                }

                json.WriteEndObject();
                break;
            case IEnumerable list and not string:
                json.WriteStartArray();
                foreach (var item in list)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case DateTime or DateTimeOffset:
                json.WriteStringValue(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteStringValue(FieldCodec.ToText(value));
                break;
        }
    }

    /// <summary>Most readers of JSON, PowerShell's among them, make a double of every number with a point.</summary>
    private static bool SurvivesDouble(decimal number) =>
        Math.Abs(number) < 1e15m && (decimal)(double)number == number;
}
