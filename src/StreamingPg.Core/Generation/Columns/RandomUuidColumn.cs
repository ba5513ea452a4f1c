using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>UUIDs of version 4, for values that are no keys.</summary>
internal sealed class RandomUuidColumn(CountedRandom random) : ColumnGenerator
{
    private readonly CountedRandom _low = random.Derive("low");

    public override bool IsUnique => true;

    // RFC 9562, section 5.4: random bits but for the version and the variant.
    public override void Write(RowWriter writer, long row) => writer.WriteUuid(
        (random.Bits(row) & ~0xF000UL) | 0x4000UL, (_low.Bits(row) & ~(3UL << 62)) | (2UL << 62));
}
