using System.Text;
using System.Text.Json;

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
    public void Write<T>(T row)
    {
        if (!_csv)
        {
            _output.Write(JsonSerializer.Serialize(row, typeof(T), OutputJson.Lines));
            _output.Write('\n');
            return;
        }

        var columns = JsonSerializer.SerializeToElement(row, typeof(T), OutputJson.Lines).EnumerateObject().ToList();
        if (!_headerWritten)
        {
            WriteLine(columns.Select(column => column.Name));
            _headerWritten = true;
        }

        WriteLine(columns.Select(column => Field(column.Value)));
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
