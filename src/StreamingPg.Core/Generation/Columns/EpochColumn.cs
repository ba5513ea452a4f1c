using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>
/// Times as whole numbers: seconds since 1970, or milliseconds where the type has room for them. All columns of a row share a random
/// stream, so that they come in their natural order. What ends a row is 0 for most rows, where it cannot be NULL.
/// </summary>
/// <param name="random">Random stream of the table.</param>
/// <param name="referenceTime">Reference time, microseconds since 2000-01-01.</param>
/// <param name="column">The column.</param>
internal sealed class EpochColumn(CountedRandom random, long referenceTime, ColumnModel column) : ColumnGenerator
{
    private const long SecondsTo2000 = 946_684_800;
    private const int RecentDays = 730;
    private const int StepDays = 30;
    private const double ShareOfEnded = 0.1;

    private readonly int _rank = TimeNames.Rank(column.Name) ?? 0;
    private readonly CountedRandom[] _steps = [.. Enumerable.Range(1, TimeNames.EndOfLife).Select(step => random.Derive(step))];

    public override void Write(RowWriter writer, long row)
    {
        var value = _rank == TimeNames.EndOfLife && column.IsNullable == false && random.Derive("ended").Fraction(row) >= ShareOfEnded ? 0 : At(row);
        if (column.Type.Kind == ColumnKind.Integer)
        {
            writer.WriteInt32((int)value);
        }
        else
        {
            writer.WriteInt64(value);
        }
    }

    private long At(long row)
    {
        var time = referenceTime - (random.Below(row, RecentDays) * PostgresTime.Day) - random.Derive("time").Below(row, PostgresTime.Day);
        for (var step = 0; step < _rank; step++)
        {
            time += _steps[step].Below(row, Math.Clamp((referenceTime - time) / 2, 1, StepDays * PostgresTime.Day));
        }

        return column.Type.Kind == ColumnKind.Integer ? SecondsTo2000 + (time / 1_000_000) : (SecondsTo2000 * 1000) + (time / 1000);
    }
}
