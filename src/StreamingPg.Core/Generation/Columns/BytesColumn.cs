using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Sixteen random bytes, as a hash or a token has.</summary>
internal sealed class BytesColumn(CountedRandom random) : ColumnGenerator, IIndexed
{
    private readonly CountedRandom _second = random.Derive("second");

    // Odd, so that different numbers stay different.
    private const ulong Scatter = 0x9E3779B97F4A7C15;

    public long Count => IIndexed.MostValues;

    public override void Write(RowWriter writer, long row) => Write(writer, random.Bits(row), _second.Bits(row));

    public void WriteIndex(RowWriter writer, long index) => Write(writer, unchecked((ulong)index * Scatter), _second.Bits(index));

    private static void Write(RowWriter writer, ulong high, ulong low)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        writer.WriteBytes(bytes);
    }
}
