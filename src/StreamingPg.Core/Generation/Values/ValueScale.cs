using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>The values of a column as whole steps, so that bounds, distributions and uniqueness are the same for numbers and times.</summary>
internal abstract class ValueScale
{
    /// <summary>The lowest step of the type.</summary>
    public abstract long Lowest { get; }

    /// <summary>The highest step of the type.</summary>
    public abstract long Highest { get; }

    /// <summary>The highest step up to which all steps have values of their own.</summary>
    public virtual long HighestDistinct => Highest;

    /// <summary>Steps in one unit of the values, in which a mean or a standard deviation is given.</summary>
    public abstract double StepsPerUnit { get; }

    /// <summary>The scale of a type, or null when its values lie on none.</summary>
    public static ValueScale? For(ColumnType type) => type.WithoutSequence().Kind switch
    {
        ColumnKind.SmallInteger => new IntegerScale(short.MinValue, short.MaxValue, (writer, step) => writer.WriteInt16((short)step)),
        ColumnKind.Integer => new IntegerScale(int.MinValue, int.MaxValue, (writer, step) => writer.WriteInt32((int)step)),
        ColumnKind.BigInteger => new IntegerScale(-IntegerScale.Farthest, IntegerScale.Farthest, (writer, step) => writer.WriteInt64(step)),
        ColumnKind.Decimal => new DecimalScale(type.Precision, type.Scale),
        ColumnKind.Real => new FloatScale(isDouble: false),
        ColumnKind.DoublePrecision => new FloatScale(isDouble: true),
        ColumnKind.Timestamp or ColumnKind.TimestampTz => new TimestampScale(),
        ColumnKind.Date => new DateScale(),
        ColumnKind.Time => new TimeOfDayScale(),
        ColumnKind.Interval => new IntervalScale(),
        _ => null,
    };

    /// <summary>The step of a value.</summary>
    /// <param name="value">The value as metadata has it.</param>
    /// <param name="up">True to round up to a step, false to round down.</param>
    /// <exception cref="FormatException">It is no value of the type; the message is the reason alone.</exception>
    public abstract long ToStep(object value, bool up);

    /// <summary>The steps of a difference between two values, such as a standard deviation.</summary>
    /// <exception cref="FormatException">It is none; the message is the reason alone.</exception>
    public virtual double ToSteps(object difference) => difference is decimal or double
        ? Convert.ToDouble(difference, System.Globalization.CultureInfo.InvariantCulture) * StepsPerUnit
        : throw new FormatException("it is not a number");

    /// <summary>True when a value is one of the type.</summary>
    public bool Fits(object value)
    {
        try
        {
            var step = ToStep(value, up: true);
            return step >= Lowest && step <= Highest;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Writes the value of a step.</summary>
    public abstract void Write(RowWriter writer, long step);

    /// <summary>The value of a step as a person writes it.</summary>
    public abstract string Describe(long step);
}
