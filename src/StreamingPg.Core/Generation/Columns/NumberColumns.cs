using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Whole numbers of a range, both ends included, every one as likely as another.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="kind">Type of the column: smallint, integer or bigint.</param>
/// <param name="minimum">The smallest value.</param>
/// <param name="maximum">The largest value.</param>
internal sealed class IntegerColumn(CountedRandom random, ColumnKind kind, int minimum, int maximum) : ColumnGenerator
{
    /// <summary>The largest value.</summary>
    public int Maximum => maximum;

    /// <summary>The value of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(long row) => minimum + (int)random.Below(row, (long)maximum - minimum + 1);

    public override void Write(RowWriter writer, long row)
    {
        switch (kind)
        {
            case ColumnKind.SmallInteger:
                writer.WriteInt16((short)At(row));
                break;
            case ColumnKind.Integer:
                writer.WriteInt32(At(row));
                break;
            default:
                writer.WriteInt64(At(row));
                break;
        }
    }
}

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
