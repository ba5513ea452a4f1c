using System.Buffers.Binary;
using System.Buffers.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>IPv4 addresses of the private network 10.0.0.0/8 (RFC 1918), as text.</summary>
internal sealed class IpColumn : ColumnGenerator, IIndexed
{
    private const int Longest = 14;

    private readonly CountedRandom _random;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public IpColumn(CountedRandom random, int? length) => _random = length is not < Longest
        ? random
        : throw new FormatException($"an address has up to {Longest} characters, but the column takes only {length}");

    public long Count => 1 << 24;

    public override void Write(RowWriter writer, long row) => WriteIndex(writer, _random.Below(row, Count));

    public void WriteIndex(RowWriter writer, long index)
    {
        Span<byte> digits = stackalloc byte[3];
        var start = writer.BeginField();
        writer.Append("10"u8);
        for (var shift = 16; shift >= 0; shift -= 8)
        {
            Utf8Formatter.TryFormat((byte)(index >> shift), digits, out var length);
            writer.Append((byte)'.');
            writer.Append(digits[..length]);
        }

        writer.EndField(start);
    }
}

/// <summary>IPv4 addresses, or networks, of 10.0.0.0/8, which nobody on the Internet has.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="isCidr">True for networks of 256 addresses, false for addresses.</param>
/// <remarks>RFC 1918: private address space.</remarks>
internal sealed class NetworkColumn(CountedRandom random, bool isCidr) : ColumnGenerator, IIndexed
{
    private const uint PrivateNetwork = 10u << 24;

    public long Count => isCidr ? 1 << 16 : 1 << 24;

    public override void Write(RowWriter writer, long row) => WriteIndex(writer, random.Below(row, Count));

    public void WriteIndex(RowWriter writer, long index)
    {
        var host = (uint)(isCidr ? index << 8 : index);
        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(address, PrivateNetwork | host);
        NetworkCodec.Write(writer, address, isCidr ? 24 : 32, isCidr);
    }
}

/// <summary>MAC addresses that no maker of devices gives out: locally administered ones.</summary>
/// <remarks>IEEE 802: the second lowest bit of the first byte is set, the lowest (multicast) is not.</remarks>
internal sealed class MacAddressColumn(CountedRandom random) : ColumnGenerator, IIndexed
{
    public long Count => 1L << 40;

    public override void Write(RowWriter writer, long row) => Write(writer, random.Bits(row));

    public void WriteIndex(RowWriter writer, long index) => Write(writer, (ulong)index << 16);

    private static void Write(RowWriter writer, ulong bits)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, bits);
        bytes[0] = (byte)((bytes[0] & 0xFC) | 0x02);
        writer.WriteBytes(bytes[..6]);
    }
}
