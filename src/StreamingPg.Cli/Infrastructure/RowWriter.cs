using System.Buffers;
using System.Text;
using System.Text.Json;
using StreamingPg.Core.Binary;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>How rows are written to standard output.</summary>
internal enum RowFormat
{
    /// <summary>A JSON object per line.</summary>
    Json,

    /// <summary>RFC 4180 with a header line.</summary>
    Csv,
}

/// <summary>Writes rows of a server as JSON lines or CSV.</summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");
    private readonly StreamWriter _output;
    private readonly List<string> _columns;
    private readonly RowFormat _format;
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly Utf8JsonWriter _json;

    /// <summary>Writes to <paramref name="stream"/>, which is closed with the writer.</summary>
    public RowWriter(Stream stream, IEnumerable<string> columns, RowFormat format)
    {
        _output = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16);
        _columns = [.. columns];
        _format = format;
        _json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = OutputJson.Lines.Options.Encoder });
        if (format == RowFormat.Csv)
        {
            WriteCsv(_columns.Select(Quoted));
        }
    }

    /// <summary>Writes one row.</summary>
    public void Write(object?[] values)
    {
        if (_format == RowFormat.Csv)
        {
            WriteCsv(values.Select(value => value is null ? "" : Quoted(ValueText.Of(value))));
            return;
        }

        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        for (var place = 0; place < values.Length; place++)
        {
            _json.WritePropertyName(_columns[place]);
            ValueText.WriteJson(_json, values[place]);
        }

        _json.WriteEndObject();
        _json.Flush();
        _output.Write(Encoding.UTF8.GetString(_line.WrittenSpan));
        _output.Write('\n');
    }

    /// <summary>Sends what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _json.DisposeAsync().ConfigureAwait(false);
        await _output.DisposeAsync().ConfigureAwait(false);
    }

    private void WriteCsv(IEnumerable<string> fields)
    {
        _output.Write(string.Join(',', fields));
        _output.Write("\r\n");
    }

    // No value is an empty field; an empty text is a quoted one, as PostgreSQL's COPY tells them apart. \. alone on a line ends its input.
    private static string Quoted(string text) => text.Length == 0 || text == @"\." || text.AsSpan().ContainsAny(NeedQuotes)
        ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
