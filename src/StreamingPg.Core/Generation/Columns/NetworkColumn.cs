using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>IPv4 addresses, or networks, of 10.0.0.0/8, which nobody on the Internet has.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="isCidr">True for networks of 256 addresses, false for addresses.</param>
/// <remarks>RFC 1918: private address space.</remarks>
internal sealed class NetworkColumn(CountedRandom random, bool isCidr) : ColumnGenerator
{
    private const uint PrivateNetwork = 10u << 24;

    public override void Write(RowWriter writer, long row)
    {
        var host = (uint)random.Below(row, 1 << 24);
        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(address, PrivateNetwork | (isCidr ? host & ~0xFFu : host));
        NetworkCodec.Write(writer, address, isCidr ? 24 : 32, isCidr);
    }
}
