using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Writes rows in the binary COPY format: per row a field count (int16), per field its length (int32, -1 for NULL) and its bytes
/// in the type's binary representation, all big-endian.
/// </summary>
/// <remarks>Source: PostgreSQL 15 documentation, COPY, "Binary Format"; representations as in the types' receive functions
/// (uuid_recv, int2recv, int4recv, int8recv, float4recv, float8recv, boolrecv, varcharrecv, bpcharrecv, textrecv, numeric_recv,
/// date_recv, time_recv, timestamp_recv, timestamptz_recv, interval_recv, bytearecv, json_recv, jsonb_recv, inet_recv, cidr_recv,
/// macaddr_recv, enum_recv, array_recv).</remarks>
internal sealed partial class RowWriter
{
    private byte[] _buffer;
    private int _position;

    /// <summary>A writer that fills <paramref name="block"/>.</summary>
    public RowWriter(RowBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        Block = block;
        _buffer = block.Buffer;
        _position = block.Length;
    }

    /// <summary>A writer of single values that are looked at and written over. Its buffer is nobody's to give back.</summary>
    public static RowWriter OfValues() => new(new RowBlock(256));

    /// <summary>The block that is being filled.</summary>
    public RowBlock Block { get; private set; }

    /// <summary>Bytes written so far, the row in hand included.</summary>
    public int Position => _position;

    /// <summary>Goes on in another block.</summary>
    public void Use(RowBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        Block = block;
        _buffer = block.Buffer;
        _position = block.Length;
    }

    /// <summary>Begins a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginRow(int fieldCount)
    {
        Reserve(2);
        BinaryPrimitives.WriteInt16BigEndian(_buffer.AsSpan(_position), (short)fieldCount);
        _position += 2;
    }

    /// <summary>Ends the row: it counts from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndRow()
    {
        Block.Length = _position;
        Block.Rows++;
    }

    /// <summary>Takes back what was written of the row in hand.</summary>
    public void DropRow() => _position = Block.Length;

    /// <summary>Takes back what was written after a position.</summary>
    public void Return(int position) => _position = position;

    /// <summary>Writes NULL.</summary>
    public void WriteNull()
    {
        Reserve(4);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_position), -1);
        _position += 4;
    }

    /// <summary>True when the field that begins at a position is NULL.</summary>
    public bool IsNullAt(int position) => BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(position)) < 0;

    /// <summary>The bytes of the field that begins at a position, which is not NULL.</summary>
    public Span<byte> FieldAt(int position) =>
        _buffer.AsSpan(position + 4, BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(position)));

    /// <summary>Writes an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt32(int value)
    {
        Reserve(8);
        var span = _buffer.AsSpan(_position, 8);
        BinaryPrimitives.WriteInt32BigEndian(span, 4);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], value);
        _position += 8;
    }

    /// <summary>Writes a smallint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt16(short value)
    {
        Reserve(6);
        var span = _buffer.AsSpan(_position, 6);
        BinaryPrimitives.WriteInt32BigEndian(span, 2);
        BinaryPrimitives.WriteInt16BigEndian(span[4..], value);
        _position += 6;
    }

    /// <summary>Writes a bigint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt64(long value)
    {
        Reserve(12);
        var span = _buffer.AsSpan(_position, 12);
        BinaryPrimitives.WriteInt32BigEndian(span, 8);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], value);
        _position += 12;
    }

    /// <summary>Writes a real.</summary>
    public void WriteSingle(float value) => WriteInt32(BitConverter.SingleToInt32Bits(value));

    /// <summary>Writes a double precision.</summary>
    public void WriteDouble(double value) => WriteInt64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes a boolean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBoolean(bool value)
    {
        Reserve(5);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_position), 1);
        _buffer[_position + 4] = value ? (byte)1 : (byte)0;
        _position += 5;
    }

    /// <summary>Writes a date: days since 2000-01-01.</summary>
    public void WriteDate(int days) => WriteInt32(days);

    /// <summary>Writes a time of day: microseconds since midnight.</summary>
    public void WriteTime(long microseconds) => WriteInt64(microseconds);

    /// <summary>Writes an interval, whose three parts PostgreSQL keeps apart.</summary>
    public void WriteInterval(int months, int days, long microseconds)
    {
        Reserve(20);
        var span = _buffer.AsSpan(_position, 20);
        BinaryPrimitives.WriteInt32BigEndian(span, 16);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], microseconds);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], days);
        BinaryPrimitives.WriteInt32BigEndian(span[16..], months);
        _position += 20;
    }

    /// <summary>Writes a timestamp: microseconds since 2000-01-01.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteTimestamp(long microseconds) => WriteInt64(microseconds);

    /// <summary>Writes a UUID given as its two halves, most significant first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUuid(ulong high, ulong low)
    {
        Reserve(20);
        var span = _buffer.AsSpan(_position, 20);
        BinaryPrimitives.WriteInt32BigEndian(span, 16);
        BinaryPrimitives.WriteUInt64BigEndian(span[4..], high);
        BinaryPrimitives.WriteUInt64BigEndian(span[12..], low);
        _position += 20;
    }

    /// <summary>Writes a field whose bytes are ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        Reserve(4 + bytes.Length);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_position), bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_position + 4));
        _position += 4 + bytes.Length;
    }

    /// <summary>Writes text.</summary>
    public void WriteText(ReadOnlySpan<char> text)
    {
        Reserve(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        var written = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_position + 4));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_position), written);
        _position += 4 + written;
    }

    /// <summary>Begins a field whose length is not known yet; <see cref="EndField"/> closes it.</summary>
    /// <returns>What <see cref="EndField"/> must be given.</returns>
    public int BeginField()
    {
        Reserve(4);
        var start = _position;
        _position += 4;
        return start;
    }

    /// <summary>Adds bytes to the field in hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_position));
        _position += bytes.Length;
    }

    /// <summary>Adds one byte to the field in hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(byte value)
    {
        Reserve(1);
        _buffer[_position++] = value;
    }

    /// <summary>
    /// Begins an array; its elements follow, each written as a field, and <see cref="EndField"/> closes it.
    /// </summary>
    /// <param name="elementType">Oid of the elements' type.</param>
    /// <param name="dimensions">How many elements each dimension has; none for an empty array.</param>
    /// <param name="hasNulls">True when an element is NULL.</param>
    /// <returns>What <see cref="EndField"/> must be given.</returns>
    public int BeginArray(uint elementType, ReadOnlySpan<int> dimensions, bool hasNulls = false)
    {
        var start = BeginField();
        var length = 12 + (8 * dimensions.Length);
        Reserve(length);
        var span = _buffer.AsSpan(_position, length);
        BinaryPrimitives.WriteInt32BigEndian(span, dimensions.Length);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], hasNulls ? 1 : 0);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], elementType);
        for (var dimension = 0; dimension < dimensions.Length; dimension++)
        {
            BinaryPrimitives.WriteInt32BigEndian(span[(12 + (8 * dimension))..], dimensions[dimension]);
            BinaryPrimitives.WriteInt32BigEndian(span[(16 + (8 * dimension))..], 1); // PostgreSQL counts from 1
        }

        _position += length;
        return start;
    }

    /// <summary>Closes a field that <see cref="BeginField"/> began.</summary>
    public void EndField(int start) =>
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), _position - start - 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int bytes)
    {
        if (_buffer.Length - _position < bytes)
        {
            Grow(bytes);
        }
    }

    // A block is changed between rows; only a row that is larger than what is left of its block comes here.
    private void Grow(int bytes)
    {
        var committed = Block.Length;
        Block.Length = _position;
        Block.Grow(Math.Max(2 * _buffer.Length, _position + bytes));
        Block.Length = committed;
        _buffer = Block.Buffer;
    }
}
