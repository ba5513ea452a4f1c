using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Sixteen random bytes, as a hash or a token has.</summary>
internal sealed class BytesColumn(CountedRandom random) : ColumnGenerator
{
    private readonly CountedRandom _second = random.Derive("second");

    public override void Write(RowWriter writer, long row)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, random.Bits(row));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _second.Bits(row));
        writer.WriteBytes(bytes);
    }
}
