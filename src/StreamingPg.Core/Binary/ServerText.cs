using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>Values that the server sends as text: what they mean by their types, such as infinity, is kept, whatever .NET has for it.</summary>
internal sealed class ServerText : IDisposable
{
    private readonly RowBlock _block = new();
    private ColumnType?[] _types = [];

    /// <summary>Learns the types of the columns.</summary>
    public void Describe(NpgsqlDataReader reader) => _types =
    [
        .. Enumerable.Range(0, reader.FieldCount).Select(column =>
            new ColumnTypeParser(reader.GetDataTypeName(column), []).TryParse(out var type, out _) ? type : null),
    ];

    /// <summary>The values of a row.</summary>
    public object?[] Row(NpgsqlDataReader reader)
    {
        var values = new object?[reader.FieldCount];
        for (var column = 0; column < values.Length; column++)
        {
            values[column] = reader.IsDBNull(column) ? null : Value(_types[column], reader.GetString(column));
        }

        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();

    /// <summary>The value that a text of a type means; of a type, or a value, that .NET has no match for, the text.</summary>
    private object? Value(ColumnType? type, string text)
    {
        if (type is null or { Kind: ColumnKind.Text or ColumnKind.VarChar or ColumnKind.Char })
        {
            return text;
        }

        try
        {
            _block.Clear();
            var writer = new RowWriter(_block);
            writer.BeginRow(1);
            FieldCodec.Write(writer, type, text);
            writer.EndRow();
            var reader = new RowReader(_block);
            reader.NextRow();
            return FieldCodec.Read(type, reader.NextField(out _));
        }
        catch (FormatException)
        {
            return text;
        }
    }
}
