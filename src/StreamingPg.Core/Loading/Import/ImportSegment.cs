using System.Buffers.Binary;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// The rows of one COPY of an import. Rows that leave other columns to the server, such as the sequence column, have a segment of their
/// own, without these columns.
/// </summary>
internal sealed class ImportSegment : IDisposable
{
    private const int BlockLimit = RowBlock.DefaultSize - 4096;

    private readonly int[] _sent;
    private readonly bool _isNumbered;
    private RowBlock _block = new();
    private readonly RowWriter _writer;

    /// <param name="table">The table.</param>
    /// <param name="sent">The columns that are sent; null for all that take values.</param>
    /// <param name="isNumbered">True to put the number of each row before its columns, as a bigint.</param>
    public ImportSegment(TableModel table, ColumnSet? sent, bool isNumbered = false)
    {
        Table = table;
        SequenceGivesKey = table.SequenceColumn is not null && sent?.Contains(SequenceIndex(table)) == false;
        _isNumbered = isNumbered;
        _sent = [.. Enumerable.Range(0, table.Columns.Count)
            .Where(index => table.Columns[index].Expression is null && sent?.Contains(index) != false)];
        _writer = new RowWriter(_block);
    }

    public TableModel Table { get; }

    /// <summary>True when the sequence column is left to the server.</summary>
    public bool SequenceGivesKey { get; }

    /// <summary>The columns that are sent.</summary>
    public IEnumerable<ColumnModel> Columns => _sent.Select(index => Table.Columns[index]);

    /// <summary>Their places in the model.</summary>
    public IReadOnlyList<int> SentIndexes => _sent;

    /// <summary>True when the rows of a table with these values get their key from its sequence.</summary>
    public static bool LeavesKeyToSequence(TableModel table, ReadOnlySpan<object?> values) =>
        table.SequenceColumn is { } column && IsNothing(values[SequenceIndex(table)], column);

    /// <summary>Place of the sequence column.</summary>
    public static int SequenceIndex(TableModel table)
    {
        var index = 0;
        while (!table.Columns[index].IsAutoIncrement)
        {
            index++;
        }

        return index;
    }

    /// <summary>Encodes a row.</summary>
    /// <param name="values">One value per column of the table.</param>
    /// <param name="rowNumber">Number of the row in the input.</param>
    /// <param name="given">The columns that the input has, or null for all: a key that it lacks may get a default.</param>
    /// <returns>A block that is full, or null.</returns>
    /// <exception cref="ValueRefusal">A value does not fit its column.</exception>
    public RowBlock? Add(ReadOnlySpan<object?> values, long rowNumber, ColumnSet? given = null)
    {
        _writer.BeginRow(_sent.Length + (_isNumbered ? 1 : 0));
        if (_isNumbered)
        {
            Span<byte> number = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(number, rowNumber);
            _writer.WriteBytes(number);
        }

        foreach (var index in _sent)
        {
            Write(Table.Columns[index], values[index], given?.Contains(index) != false);
        }

        _writer.EndRow();
        return _writer.Position >= BlockLimit ? TakeBlock() : null;
    }

    /// <summary>The rows that have not been taken yet.</summary>
    public RowBlock TakeBlock()
    {
        var full = _block;
        _block = new RowBlock();
        _writer.Use(_block);
        return full;
    }

    public void Dispose() => _block.Dispose();

    private void Write(ColumnModel column, object? value, bool isGiven)
    {
        if (value is UnreadableText unread)
        {
            throw Refusal(column, unread, unread.Reason, ValueRefusal.DoesNotFit, null);
        }

        if (column.IsPrimaryKey && isGiven && IsNothing(value, column))
        {
            throw Refusal(column, null, "a key cannot be NULL", PostgresErrorCodes.NotNullViolation, null);
        }

        try
        {
            FieldCodec.Write(_writer, column.Type, value);
        }
        catch (FormatException exception)
        {
            throw Refusal(column, value, exception.Message, ValueRefusal.DoesNotFit, exception);
        }
    }

    private ValueRefusal Refusal(ColumnModel column, object? value, string reason, string sqlState, Exception? cause)
    {
        _writer.DropRow();
        var shown = ValueConverter.Describe(value);
        return new ValueRefusal(
            $"column \"{column.Name}\" ({column.Type.ToSql()}) of \"{Table.Name}\" cannot take {shown}: {reason}", column.Name, sqlState, cause);
    }

    /// <summary>True for what is kept as NULL: no value, or empty text where the column is not text.</summary>
    private static bool IsNothing(object? value, ColumnModel column) =>
        FieldCodec.IsNothing(value, column.Type);
}
