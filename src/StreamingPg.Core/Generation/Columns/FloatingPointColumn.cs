using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Floating-point numbers from 0 up to, but not including, 1000, with few enough digits to be read.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="isDouble">True for double precision, false for real.</param>
internal sealed class FloatingPointColumn(CountedRandom random, bool isDouble) : ColumnGenerator
{
    private const long Hundredths = 100_000;

    public override void Write(RowWriter writer, long row)
    {
        var value = random.Below(row, Hundredths) / 100.0;
        if (isDouble)
        {
            writer.WriteDouble(value);
        }
        else
        {
            writer.WriteSingle((float)value);
        }
    }
}
