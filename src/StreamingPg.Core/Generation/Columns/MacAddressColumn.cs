using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>MAC addresses that no maker of devices gives out: locally administered ones.</summary>
/// <remarks>IEEE 802: the second lowest bit of the first byte is set, the lowest (multicast) is not.</remarks>
internal sealed class MacAddressColumn(CountedRandom random) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, random.Bits(row));
        bytes[0] = (byte)((bytes[0] & 0xFC) | 0x02);
        writer.WriteBytes(bytes[..6]);
    }
}
