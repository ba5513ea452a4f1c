using System.Buffers.Binary;

namespace StreamingPg.Core.Binary;

/// <summary>Reads back the rows of a <see cref="RowBlock"/>: what the pipeline's records and small batches are made from.</summary>
internal ref struct RowReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>A reader of the rows in a block.</summary>
    public RowReader(RowBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _bytes = block.Memory.Span;
        _position = 0;
    }

    /// <summary>A reader of whole rows.</summary>
    public RowReader(ReadOnlySpan<byte> rows)
    {
        _bytes = rows;
        _position = 0;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool NextRow()
    {
        if (_position >= _bytes.Length)
        {
            return false;
        }

        _position += 2;
        return true;
    }

    /// <summary>Goes past the next row; false after the last.</summary>
    public bool SkipRow()
    {
        if (_position >= _bytes.Length)
        {
            return false;
        }

        var fields = BinaryPrimitives.ReadInt16BigEndian(_bytes[_position..]);
        _position += 2;
        for (var field = 0; field < fields; field++)
        {
            NextField(out _);
        }

        return true;
    }

    /// <summary>The next field's bytes; <paramref name="isNull"/> says whether it is NULL.</summary>
    public ReadOnlySpan<byte> NextField(out bool isNull)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(_bytes[_position..]);
        _position += 4;
        isNull = length < 0;
        if (isNull)
        {
            return [];
        }

        var field = _bytes.Slice(_position, length);
        _position += length;
        return field;
    }
}
