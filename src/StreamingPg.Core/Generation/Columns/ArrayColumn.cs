using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Arrays of a few elements, which another generator makes.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="elementType">Oid of the elements' type.</param>
/// <param name="elements">Makes the elements; each has a row of its own.</param>
internal sealed class ArrayColumn(CountedRandom random, uint elementType, ColumnGenerator elements) : ColumnGenerator
{
    private const int MaxElements = 4;
    private readonly CountedRandom _count = random.Derive("count");

    public override void Write(RowWriter writer, long row)
    {
        var count = (int)_count.Below(row, MaxElements + 1);
        var start = writer.BeginArray(elementType, count == 0 ? [] : [count]);
        for (var index = 0; index < count; index++)
        {
            elements.Write(writer, (row * MaxElements) + index);
        }

        writer.EndField(start);
    }
}
