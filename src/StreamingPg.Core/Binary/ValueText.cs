using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace StreamingPg.Core.Binary;

/// <summary>
/// The one writer of values as text and as JSON, for every type: what it writes means the same to an import and to PostgreSQL,
/// whatever the settings of either.
/// </summary>
internal static class ValueText
{
    private const string IsoTime = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";
    private const string IsoTimeOfDay = "HH:mm:ss.FFFFFFF";

    /// <summary>A value as text: ISO 8601 for times, <c>\x</c> and hexadecimal digits for bytes, <c>{"a",NULL}</c> for lists.</summary>
    /// <param name="value">A value of <see cref="FieldCodec.Read"/>, or any other.</param>
    public static string Of(object value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToString(IsoTime, CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString(IsoTime, CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString(IsoTimeOfDay, CultureInfo.InvariantCulture),
        TimeSpan span => OfSpan(span),
        byte[] bytes => @"\x" + Convert.ToHexString(bytes).ToLowerInvariant(),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => OfList(items),
        _ => value?.ToString() ?? "",
    };

    /// <summary>Writes a value as JSON: numbers that every reader keeps as numbers, lists as arrays, everything else as text.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="value">The value; null and DBNull are null.</param>
    public static void WriteJson(Utf8JsonWriter json, object? value)
    {
        ArgumentNullException.ThrowIfNull(json);
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
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case decimal number when SurvivesDouble(number):
                json.WriteNumberValue(number);
                break;
            case UnreadableText unread:
                json.WriteStringValue(unread.Text);
                break;
            case JsonElement element:
                element.WriteTo(json);
                break;
            case IDictionary pairs:
                WritePairs(json, pairs);
                break;
            case Array { Rank: > 1 } array:
                WriteJson(json, ArrayCodec.Rows(array));
                break;
            case IEnumerable list and not (string or byte[]) when ArrayCodec.IsList(list):
                json.WriteStartArray();
                foreach (var item in list)
                {
                    WriteJson(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Of(value));
                break;
        }
    }

    private static void WritePairs(Utf8JsonWriter json, IDictionary pairs)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry pair in pairs)
        {
            json.WritePropertyName(Of(pair.Key));
            WriteJson(json, pair.Value);
        }

        json.WriteEndObject();
    }

    /// <summary>An array as PostgreSQL reads it, every element in quotes.</summary>
    private static string OfList(IEnumerable items) => "{" + string.Join(',', items.Cast<object?>().Select(item => item is null ? "NULL"
        : item is object?[] row ? OfList(row)
        : "\"" + Of(item).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"")) + "}";

    // Hours, minutes and seconds are an interval and a time of day; with days it can only be an interval. ISO 8601 has whole microseconds here.
    private static string OfSpan(TimeSpan span) => span.Days == 0 || span.Ticks % TimeSpan.TicksPerMicrosecond != 0
        ? span.ToString("c", CultureInfo.InvariantCulture)
        : IntervalParser.Of(span).ToString();

    /// <summary>Most readers of JSON, PowerShell's among them, make a double of every number with a point.</summary>
    private static bool SurvivesDouble(decimal number) =>
        Math.Abs(number) < 1e15m && (decimal)(double)number == number;
}
