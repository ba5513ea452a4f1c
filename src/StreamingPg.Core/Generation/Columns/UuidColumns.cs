using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>
/// Primary keys: UUIDs of version 7, in the order of the rows and in one range per batch, so that an index grows at its right
/// edge and the rows of a batch can be found again by their keys.
/// </summary>
/// <remarks>RFC 9562, section 5.7 with the counter of section 6.2: 48 bits of time, version, 12 bits and (after the variant) 18
/// bits that tell apart batches of the same millisecond, 32 bits row index, 12 random bits.</remarks>
internal sealed class UuidKeyColumn : ColumnGenerator
{
    /// <summary>Maximum rows of a table in one batch.</summary>
    public const long MaxRows = 1L << 32;

    private readonly CountedRandom _random;
    private readonly ulong _high;
    private readonly ulong _lowPrefix;

    public UuidKeyColumn(CountedRandom random, long unixMilliseconds)
    {
        _random = random;
        var tag = random.Derive("batch").Bits(0);
        _high = ((ulong)unixMilliseconds << 16) | 0x7000 | ((tag >> 18) & 0xFFF);
        _lowPrefix = (0b10UL << 62) | ((tag & 0x3FFFF) << 44);
    }

    public override bool IsUnique => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Write(RowWriter writer, long row) =>
        writer.WriteUuid(_high, _lowPrefix | ((ulong)row << 12) | (_random.Bits(row) & 0xFFF));

    /// <summary>The lowest and the highest key that the rows of a range can have.</summary>
    public (Guid First, Guid Last) Bounds(RowRange rows) =>
        (Key(rows.From, 0), Key(Math.Max(rows.From, rows.To - 1), 0xFFF));

    private Guid Key(long row, ulong random)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _lowPrefix | ((ulong)row << 12) | random);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>UUIDs of version 4, for values that are no keys.</summary>
internal sealed class RandomUuidColumn(CountedRandom random) : ColumnGenerator
{
    private readonly CountedRandom _low = random.Derive("low");

    public override bool IsUnique => true;

    // RFC 9562, section 5.4: random bits but for the version and the variant.
    public override void Write(RowWriter writer, long row) => writer.WriteUuid(
        (random.Bits(row) & ~0xF000UL) | 0x4000UL, (_low.Bits(row) & ~(3UL << 62)) | (2UL << 62));
}

/// <summary>The UUIDs of another column as text.</summary>
internal sealed class UuidTextColumn(ColumnGenerator uuids) : ColumnGenerator
{
    /// <summary>Characters of a UUID.</summary>
    public const int Length = 36;

    public override bool IsUnique => uuids.IsUnique;

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.Position;
        uuids.Write(writer, row);
        var uuid = new Guid(writer.FieldAt(start), bigEndian: true);
        writer.Return(start);
        Span<byte> text = stackalloc byte[Length];
        uuid.TryFormat(text, out _);
        writer.WriteBytes(text);
    }
}
