using System.Globalization;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Whole numbers: a step is a number.</summary>
internal sealed class IntegerScale(long lowest, long highest, Action<RowWriter, long> write) : ValueScale
{
    /// <summary>How far from 0 generated numbers of eight bytes may lie: the number of steps must not overflow.</summary>
    public const long Farthest = (1L << 62) - 1;

    public override long Lowest => lowest;

    public override long Highest => highest;

    public override double StepsPerUnit => 1;

    public override long ToStep(object value, bool up)
    {
        var number = NumberConverter.ToNumber(value, "a number");
        var whole = up ? decimal.Ceiling(number) : decimal.Floor(number);
        return whole >= lowest && whole <= highest
            ? (long)whole
            : throw new FormatException($"it is outside the range of the column, {lowest} to {highest}");
    }

    public override void Write(RowWriter writer, long step) => write(writer, step);

    public override string Describe(long step) => step.ToString(CultureInfo.InvariantCulture);
}
