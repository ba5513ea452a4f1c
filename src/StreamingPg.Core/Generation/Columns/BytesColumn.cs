using System.Buffers.Binary;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Random bytes, as a hash or a token has; sixteen unless a CHECK demands another number.</summary>
internal sealed class BytesColumn(CountedRandom random, int length = BytesColumn.UsualLength) : ColumnGenerator, IIndexed
{
    /// <summary>The most bytes of a value: more than a key, a hash or a token has.</summary>
    public const int MostLength = 1024;

    private const int UsualLength = 16;
    private const int WordLength = sizeof(ulong);

    // Odd, so that different numbers stay different, whatever number of their last bits is looked at.
    private const ulong Scatter = 0x9E3779B97F4A7C15;

    private readonly CountedRandom _second = random.Derive("second");

    /// <summary>The number of bytes of a column's values: the usual one, or the next to it that <c>min</c> and <c>max</c> allow.</summary>
    /// <exception cref="FormatException">They are no numbers of bytes; the message is a clause.</exception>
    public static int LengthOf(ColumnModel column)
    {
        var (least, most) = (Bound(column.Minimum) ?? 0, Bound(column.Maximum) ?? MostLength);
        return least <= most
            ? (int)Math.Clamp(UsualLength, least, most)
            : throw new FormatException($"no value has at least {least} and at most {most} bytes");
    }

    private static decimal? Bound(object? bound) => bound switch
    {
        null => null,
        decimal number and >= 0 and <= MostLength when number == decimal.Truncate(number) => number,
        _ => throw new FormatException($"\"min\" and \"max\" of bytes are numbers of bytes, 0 to {MostLength}, but {bound} is not"),
    };

    public long Count => length < WordLength ? Math.Min(1L << (8 * length), IIndexed.MostValues) : IIndexed.MostValues;

    public override void Write(RowWriter writer, long row) => Write(writer, random.Bits(row), row);

    public void WriteIndex(RowWriter writer, long index) => Write(writer, unchecked((ulong)index * Scatter), index);

    private void Write(RowWriter writer, ulong first, long row)
    {
        Span<byte> bytes = stackalloc byte[length + WordLength];
        if (length < WordLength)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, first << (8 * (WordLength - length)));
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, first);
            var words = (length - 1) / WordLength;
            for (var word = 1; word <= words; word++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(bytes[(word * WordLength)..], word == 1 ? _second.Bits(row) : _second.Bits(unchecked(row + (word * (long)Scatter))));
            }
        }

        writer.WriteBytes(bytes[..length]);
    }
}
