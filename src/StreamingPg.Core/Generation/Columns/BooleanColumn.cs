using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>True for a share of the rows, false for the others.</summary>
internal sealed class BooleanColumn : ColumnGenerator, IIndexed
{
    private readonly CountedRandom _random;
    private readonly double _share;

    /// <summary>The one as likely as the other.</summary>
    public BooleanColumn(CountedRandom random)
        : this(random, 50)
    {
    }

    /// <summary>True for this many rows in a hundred.</summary>
    public BooleanColumn(CountedRandom random, int truePercent)
    {
        _random = random;
        _share = truePercent / 100.0;
    }

    public long Count => 2;

    public void WriteIndex(RowWriter writer, long index) => writer.WriteBoolean(index == 0);

    public override void Write(RowWriter writer, long row) => writer.WriteBoolean(_random.Fraction(row) < _share);
}
