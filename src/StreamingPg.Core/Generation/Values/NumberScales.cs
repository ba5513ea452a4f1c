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

/// <summary>Decimal numbers: a step is one of the last digit after the point.</summary>
internal sealed class DecimalScale : ValueScale
{
    // 64 bits hold 18 digits; more than nine after the point would leave few before it.
    private const int MostDigits = 18;
    private const int MostDigitsAfterPoint = 9;
    private const int DigitsWithoutScale = 2;

    private readonly int _digits;
    private readonly decimal _unit;

    public DecimalScale(int? precision, int? scale)
    {
        _digits = Math.Min(scale ?? DigitsWithoutScale, MostDigitsAfterPoint);
        _unit = (decimal)Math.Pow(10, _digits);
        var before = precision is null ? MostDigits : precision.Value - (scale ?? 0);
        Highest = (long)Math.Pow(10, Math.Clamp(before + _digits, 0, MostDigits)) - 1;
    }

    public override long Lowest => -Highest;

    public override long Highest { get; }

    public override double StepsPerUnit => (double)_unit;

    public override long ToStep(object value, bool up)
    {
        var number = NumberConverter.ToNumber(value, "a number");
        if (Math.Abs(number) > (Highest + 1) / _unit)
        {
            throw new FormatException($"it is outside the range of the column, {Describe(Lowest)} to {Describe(Highest)}");
        }

        var steps = number * _unit;
        return Math.Clamp((long)(up ? decimal.Ceiling(steps) : decimal.Floor(steps)), Lowest, Highest);
    }

    public override void Write(RowWriter writer, long step)
    {
        if (_digits <= 4)
        {
            writer.WriteNumeric(step, _digits);
        }
        else
        {
            NumericCodec.Write(writer, ToDecimal(step), _digits);
        }
    }

    public override string Describe(long step) => ToDecimal(step).ToString(CultureInfo.InvariantCulture);

    private decimal ToDecimal(long step)
    {
        var magnitude = Math.Abs(step);
        return new decimal((int)magnitude, (int)(magnitude >> 32), 0, step < 0, (byte)_digits);
    }
}

/// <summary>Floating-point numbers: a step is a millionth, or a hundredth of a real, which has about seven digits.</summary>
internal sealed class FloatScale(bool isDouble) : ValueScale
{
    private const long Farthest = 1_000_000_000_000_000_000;

    public override long Lowest => -Farthest;

    public override long Highest => Farthest;

    // The digits that 24 and 53 bits can hold.
    public override long HighestDistinct => isDouble ? 1_000_000_000_000_000 : 10_000_000;

    public override double StepsPerUnit { get; } = isDouble ? 1_000_000 : 100;

    public override long ToStep(object value, bool up)
    {
        var steps = NumberConverter.ToDouble(value) * StepsPerUnit;
        return Math.Abs(steps) <= Farthest
            ? (long)(up ? Math.Ceiling(steps) : Math.Floor(steps))
            : throw new FormatException("it is too large for a generated number");
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
