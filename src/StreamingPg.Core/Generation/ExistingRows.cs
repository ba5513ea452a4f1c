using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Rows that exist already (in the database, or in a pipeline) and that new rows may refer to.</summary>
public sealed class ExistingRows : IDisposable
{
    private readonly RowBlock _block = new();
    private readonly RowWriter _writer;
    private readonly List<int> _fields = [];

    /// <summary>No rows yet.</summary>
    public ExistingRows(TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        Table = table;
        _writer = new RowWriter(_block);
    }

    /// <summary>The table they are rows of.</summary>
    public TableModel Table { get; }

    /// <summary>Number of rows.</summary>
    public int Count => _fields.Count / Table.Columns.Count;

    /// <summary>Adds a row: one value per column of the table; columns that nobody refers to may be null.</summary>
    public void Add(params ReadOnlySpan<object?> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Table.Columns.Count);
        for (var column = 0; column < values.Length; column++)
        {
            _fields.Add(_writer.Position);
            FieldCodec.Write(_writer, Table.Columns[column].Type, values[column]);
        }

        _writer.EndRow();
    }

    /// <summary>Copies a field, its length before it, to a row that is being written.</summary>
    public void CopyField(RowWriter writer, int row, int column)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var start = _fields[(row * Table.Columns.Count) + column];
        var length = BinaryPrimitives.ReadInt32BigEndian(_block.Buffer.AsSpan(start));
        if (length < 0)
        {
            writer.WriteNull();
        }
        else
        {
            writer.WriteBytes(_block.Buffer.AsSpan(start + 4, length));
        }
    }

    /// <summary>A timestamp, in microseconds since 2000-01-01, or null when the field is NULL.</summary>
    public long? Time(int row, int column)
    {
        var start = _fields[(row * Table.Columns.Count) + column];
        return BinaryPrimitives.ReadInt32BigEndian(_block.Buffer.AsSpan(start)) == 8
            ? BinaryPrimitives.ReadInt64BigEndian(_block.Buffer.AsSpan(start + 4))
            : null;
    }

    /// <summary>The value of a field.</summary>
    public object? Value(int row, int column)
    {
        var start = _fields[(row * Table.Columns.Count) + column];
        var length = BinaryPrimitives.ReadInt32BigEndian(_block.Buffer.AsSpan(start));
        return length < 0
            ? null
            : FieldCodec.Read(Table.Columns[column].Type, _block.Buffer.AsSpan(start + 4, length));
    }

    /// <summary>The primary keys, as an array that a parameter of a query takes; the key is a single column.</summary>
    public Array Keys()
    {
        var column = Table.Columns.ToList().FindIndex(column => column.Name == Table.PrimaryKey[0]);
        var keys = Enumerable.Range(0, Count).Select(row => Value(row, column));
        return Table.Columns[column].Type.Kind == ColumnKind.Uuid ? keys.OfType<Guid>().ToArray() : keys.OfType<int>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _block.Dispose();
}
