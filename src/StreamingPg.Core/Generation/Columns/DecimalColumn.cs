using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Numbers from 0 up to, but not including, a limit that fits the column.</summary>
internal sealed class DecimalColumn : ColumnGenerator
{
    private readonly CountedRandom _random;
    private readonly int _scale;
    private readonly long _limit;

    public DecimalColumn(CountedRandom random, int? precision, int? scale)
    {
        _random = random;

        // More than four digits after the point, or seven in all, say nothing that a reader of test data wants to read.
        _scale = Math.Min(scale ?? 2, 4);
        var digits = Math.Min((precision ?? 7) - Math.Max(0, (scale ?? 2) - _scale), 7);
        _limit = (long)Math.Pow(10, Math.Max(digits, 1));
    }

    public override void Write(RowWriter writer, long row) => writer.WriteNumeric(_random.Below(row, _limit), _scale);
}
