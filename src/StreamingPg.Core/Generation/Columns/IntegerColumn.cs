using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Whole numbers of a range, both ends included, every one as likely as another.</summary>
internal sealed class IntegerColumn(CountedRandom random, int minimum, int maximum) : ColumnGenerator
{
    /// <summary>The largest value.</summary>
    public int Maximum => maximum;

    /// <summary>The value of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(long row) => minimum + (int)random.Below(row, (long)maximum - minimum + 1);

    public override void Write(RowWriter writer, long row) => writer.WriteInt32(At(row));
}
