using System.Text;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Writes generated rows as JSON lines or CSV (RFC 4180).</summary>
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

    /// <summary>Writes one row of a table; columns that are left to the server are left out.</summary>
    public void Write(TableModel table, object?[] values)
    {
        if (_csv)
        {
            WriteHeader(table.WrittenColumns.Select(column => column.Name));
            WriteLine(values.Where((_, column) => !table.Columns[column].IsLeftToServer).Select(value => value is null ? "" : Quoted(ValueText.Of(value))));
            return;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = OutputJson.Lines.Options.Encoder }))
        {
            writer.WriteStartObject();
            for (var column = 0; column < values.Length; column++)
            {
                if (!table.Columns[column].IsLeftToServer)
                {
                    writer.WritePropertyName(table.Columns[column].Name);
                    ValueText.WriteJson(writer, values[column]);
                }
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
        WriteHeader(columns.Select(column => column.Name));
        WriteLine(columns.Select(column => Field(column.Value)));
    }

    /// <summary>Sends what is left.</summary>
    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private void WriteHeader(IEnumerable<string> names)
    {
        if (!_headerWritten)
        {
            WriteLine(names.Select(Quoted));
            _headerWritten = true;
        }
    }

    private void WriteLine(IEnumerable<string> fields)
    {
        _output.Write(string.Join(',', fields));
        _output.Write("\r\n");
    }

    private static string Field(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Quoted(value.GetString()!),
        _ => value.GetRawText(),
    };

    // No value is an empty field; an empty text is a quoted one, as PostgreSQL's COPY tells them apart. \. alone on a line ends its input.
    private static string Quoted(string text) => text.Length == 0 || text == @"\." || text.AsSpan().ContainsAny(NeedQuotes)
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
