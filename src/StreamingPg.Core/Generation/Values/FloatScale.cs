using System.Globalization;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Floating-point numbers: a step is a millionth, or a hundredth of a real, which has about seven digits.</summary>
internal sealed class FloatScale(bool isDouble) : ValueScale
{
    private const long Farthest = 1_000_000_000_000_000_000;

    public override long Lowest => -Farthest;

    public override long Highest => Farthest;

    // 24 and 53 bits hold so many digits.
    public override long HighestDistinct => isDouble ? 1_000_000_000_000_000 : 10_000_000;

    public override double StepsPerUnit { get; } = isDouble ? 1_000_000 : 100;

    public override long ToStep(object value, bool up)
    {
        var steps = NumberConverter.ToDouble(value) * StepsPerUnit;
        return Math.Abs(steps) <= Farthest
            ? (long)(up ? Math.Ceiling(steps) : Math.Floor(steps))
            : throw new FormatException("it is larger than generated numbers can be");
    }

    public override void Write(RowWriter writer, long step)
    {
        if (isDouble)
        {
            writer.WriteDouble(step / StepsPerUnit);
        }
        else
        {
            writer.WriteSingle((float)(step / StepsPerUnit));
        }
    }

    public override string Describe(long step) => (step / StepsPerUnit).ToString(CultureInfo.InvariantCulture);
}
