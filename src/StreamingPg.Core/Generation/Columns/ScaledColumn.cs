using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Numbers or times between bounds, distributed as the column asks for.</summary>
internal sealed class ScaledColumn(ValueScale scale, StepBounds bounds, StepSource steps) : ColumnGenerator, ITimed, IIndexed
{
    public long Count => Math.Min(bounds.Count, IIndexed.MostValues);

    /// <summary>The lowest step: that of index 0.</summary>
    public long Lowest => bounds.Lowest;

    /// <summary>The highest step.</summary>
    public long Highest => bounds.Highest;

    /// <summary>The step of a row.</summary>
    public long At(long row) => steps.At(row);

    public long? TimeAt(long row) => scale is TimestampScale or DateScale ? At(row) * ((TimeScale)scale).MicrosecondsPerStep : null;

    public void WriteIndex(RowWriter writer, long index) => scale.Write(writer, bounds.Lowest + index);

    public override void Write(RowWriter writer, long row) => scale.Write(writer, steps.At(row));
}
