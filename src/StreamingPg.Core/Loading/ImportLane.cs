using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// The rows of one COPY of an import. Rows whose sequence column has no value have a lane of their own, without that column, so
/// that the server gives it.
/// </summary>
internal sealed class ImportLane : IDisposable
{
    private const int BlockLimit = RowBlock.DefaultSize - 4096;

    private readonly int[] _sent;
    private RowBlock _block = new();
    private readonly RowWriter _writer;

    public ImportLane(TableModel table, bool sequenceGivesKey)
    {
        Table = table;
        SequenceGivesKey = sequenceGivesKey;
        _sent = [.. Enumerable.Range(0, table.Columns.Count).Where(index => !sequenceGivesKey || !table.Columns[index].IsAutoIncrement)];
        _writer = new RowWriter(_block);
    }

    public TableModel Table { get; }

    /// <summary>True when the sequence column is left to the server.</summary>
    public bool SequenceGivesKey { get; }

    /// <summary>The columns that are sent.</summary>
    public IEnumerable<ColumnModel> Columns => _sent.Select(index => Table.Columns[index]);

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows that wait for their turn; null when the lane goes to the server as it fills.</summary>
    public RowSpool? Spool { get; init; }

    /// <summary>Encodes a row.</summary>
    /// <returns>A block that is full, or null.</returns>
    /// <exception cref="StreamingException">A value does not fit its column.</exception>
    public RowBlock? Add(ReadOnlySpan<object?> values, long rowNumber)
    {
        _writer.BeginRow(_sent.Length);
        foreach (var index in _sent)
        {
            var column = Table.Columns[index];
            if (column.IsPrimaryKey && IsNothing(values[index], column))
            {
                _writer.DropRow();
                throw DoesNotFit(column, null, "a key must have a value", rowNumber, null);
            }

            try
            {
                FieldCodec.Write(_writer, column.Type, values[index]);
            }
            catch (FormatException exception)
            {
                _writer.DropRow();
                throw DoesNotFit(column, values[index], exception.Message, rowNumber, exception);
            }
        }

        _writer.EndRow();
        Rows++;
        return _writer.Position >= BlockLimit ? TakeBlock() : null;
    }

    /// <summary>True for what is kept as NULL: no value, or empty text where the column is not text.</summary>
    public static bool IsNothing(object? value, ColumnModel column) =>
        value is null or DBNull || (value is "" && column.Type.Kind != ColumnKind.VarChar);

    /// <summary>The rows that have not been taken yet.</summary>
    public RowBlock TakeBlock()
    {
        var full = _block;
        _block = new RowBlock();
        _writer.Use(_block);
        return full;
    }

    public void Dispose()
    {
        _block.Dispose();
        Spool?.Dispose();
    }

    private StreamingException DoesNotFit(ColumnModel column, object? value, string reason, long rowNumber, Exception? cause) => new(
        "ValueDoesNotFit",
        StreamingErrorKind.InvalidInput,
        $"Row {rowNumber}: column \"{column.Name}\" ({column.Type.ToSql()}) of \"{Table.Name}\" cannot take {Quote(value)}: {reason}.",
        "Correct the row and import again; nothing of this import was kept.",
        rowNumber,
        cause);

    private static string Quote(object? value) => value is null ? "null" : $"\"{FieldCodec.Describe(value)}\"";
}
