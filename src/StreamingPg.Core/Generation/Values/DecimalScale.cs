using System.Globalization;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Values;

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
