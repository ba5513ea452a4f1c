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
        : throw new FormatException($"an address has up to {Longest} characters, and the column takes {length}");

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
