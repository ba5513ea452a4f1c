using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation;

/// <summary>Values that no two rows share, or a column of several that no two rows share together.</summary>
/// <param name="values">The values, numbered.</param>
/// <param name="numberOf">Which number a row has; that of several columns is made up of one for each.</param>
/// <param name="divisor">How many numbers the columns before this one have together.</param>
/// <param name="isAlone">True when the column is unique by itself.</param>
internal sealed class UniqueColumn(IIndexed values, Func<long, long> numberOf, long divisor, bool isAlone) : ColumnGenerator
{
    private readonly long _count = values.Count;

    public override bool IsUnique => isAlone;

    public override void Write(RowWriter writer, long row) => values.WriteIndex(writer, numberOf(row) / divisor % _count);
}
