using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Writes generated rows as JSON lines or CSV (RFC 4180). Both take names and values from the same JSON.</summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private static readonly System.Buffers.SearchValues<char> NeedQuotes = System.Buffers.SearchValues.Create(",\"\r\n");
    private readonly StreamWriter _output;
    private readonly bool _csv;
    private bool _headerWritten;

    /// <summary>Writes to <paramref name="stream"/>, which is closed with the writer.</summary>
    public RowWriter(Stream stream, bool csv)
    {
        _output = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16);
        _csv = csv;
    }

    /// <summary>Writes one row.</summary>
    public void Write<T>(T row) => WriteJson(JsonSerializer.Serialize(row, typeof(T), OutputJson.Lines));

    /// <summary>Writes one row of a table.</summary>
    public void Write(TableModel table, object?[] values)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = OutputJson.Lines.Options.Encoder }))
        {
            writer.WriteStartObject();
            for (var column = 0; column < values.Length; column++)
            {
                writer.WritePropertyName(table.Columns[column].Name);
                WriteValue(writer, values[column]);
            }

            writer.WriteEndObject();
        }

        WriteJson(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private void WriteJson(string json)
    {
        if (!_csv)
        {
            _output.Write(json);
            _output.Write('\n');
            return;
        }

        using var row = JsonDocument.Parse(json);
        var columns = row.RootElement.EnumerateObject().ToList();
        if (!_headerWritten)
        {
            WriteLine(columns.Select(column => column.Name));
            _headerWritten = true;
        }

        WriteLine(columns.Select(column => Field(column.Value)));
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case short or int or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case DateTime time:
                writer.WriteStringValue(time);
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>Sends what is left.</summary>
    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private void WriteLine(IEnumerable<string> fields)
    {
        _output.Write(string.Join(',', fields));
        _output.Write("\r\n");
    }

    // No value is an empty field; an empty text is a quoted one, as PostgreSQL's COPY tells them apart.
    private static string Field(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return value.ValueKind == JsonValueKind.Null ? "" : value.GetRawText();
        }

        var text = value.GetString()!;
        return text.Length == 0 || text.AsSpan().ContainsAny(NeedQuotes)
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
    }
}
