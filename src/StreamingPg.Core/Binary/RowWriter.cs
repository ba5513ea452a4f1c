using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Writes rows in the binary COPY format: per row a field count (int16), per field its length (int32, -1 for NULL) and its bytes
/// in the type's binary representation, all big-endian.
/// </summary>
/// <remarks>Source: PostgreSQL 15 documentation, COPY, "Binary Format"; representations as in the types' receive functions
/// (uuid_recv, int4recv, varcharrecv, numeric_recv, timestamp_recv).</remarks>
public sealed class RowWriter
{
    private const int NumericBase = 10_000;
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

    /// <summary>Writes a timestamp: microseconds since 2000-01-01.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteTimestamp(long microseconds)
    {
        Reserve(12);
        var span = _buffer.AsSpan(_position, 12);
        BinaryPrimitives.WriteInt32BigEndian(span, 8);
        BinaryPrimitives.WriteInt64BigEndian(span[4..], microseconds);
        _position += 12;
    }

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

    /// <summary>Closes a field that <see cref="BeginField"/> began.</summary>
    public void EndField(int start) =>
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), _position - start - 4);

    /// <summary>Writes a numeric: <paramref name="unscaled"/> / 10^<paramref name="scale"/>, with 0 to 4 digits after the point.</summary>
    /// <remarks>numeric_recv: digit count, weight of the first digit, sign, display scale (int16 each), then digits to base
    /// 10,000, without leading or trailing zeros.</remarks>
    public void WriteNumeric(long unscaled, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)scale, 4u);
        var unit = PowerOfTen(scale);
        var magnitude = unscaled < 0 ? 0 - (ulong)unscaled : (ulong)unscaled;
        var whole = magnitude / unit;
        var fraction = (magnitude - (whole * unit)) * (NumericBase / unit);

        Span<ushort> digits = stackalloc ushort[6];
        var first = digits.Length - 1;
        digits[first] = (ushort)fraction;
        while (whole > 0)
        {
            digits[--first] = (ushort)(whole % NumericBase);
            whole /= NumericBase;
        }

        var weight = digits.Length - 2 - first;
        var count = digits.Length - first;
        TrimZeros(digits, ref first, ref count, ref weight);
        WriteNumericDigits(digits.Slice(first, count), weight, unscaled < 0, scale);
    }

    /// <summary>Writes a numeric from its base-10,000 digits.</summary>
    /// <param name="digits">Digits, most significant first, no zero at either end.</param>
    /// <param name="weight">Power of 10,000 of the first digit.</param>
    /// <param name="negative">Sign.</param>
    /// <param name="scale">Digits after the point that are shown.</param>
    public void WriteNumericDigits(ReadOnlySpan<ushort> digits, int weight, bool negative, int scale)
    {
        var length = 8 + (2 * digits.Length);
        Reserve(4 + length);
        var span = _buffer.AsSpan(_position, 4 + length);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        BinaryPrimitives.WriteInt16BigEndian(span[4..], (short)digits.Length);
        BinaryPrimitives.WriteInt16BigEndian(span[6..], (short)(digits.IsEmpty ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(span[8..], (ushort)(negative && !digits.IsEmpty ? 0x4000 : 0));
        BinaryPrimitives.WriteInt16BigEndian(span[10..], (short)scale);
        for (var index = 0; index < digits.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[(12 + (2 * index))..], digits[index]);
        }

        _position += 4 + length;
    }

    private static void TrimZeros(ReadOnlySpan<ushort> digits, ref int first, ref int count, ref int weight)
    {
        while (count > 0 && digits[first] == 0)
        {
            first++;
            count--;
            weight--;
        }

        while (count > 0 && digits[first + count - 1] == 0)
        {
            count--;
        }
    }

    private static ulong PowerOfTen(int exponent) => exponent switch
    {
        0 => 1,
        1 => 10,
        2 => 100,
        3 => 1_000,
        _ => 10_000,
    };

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
