using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>The lowest and the highest step that the values of a column may have.</summary>
/// <param name="Lowest">The lowest.</param>
/// <param name="Highest">The highest.</param>
internal readonly record struct StepBounds(long Lowest, long Highest)
{
    private const int DefaultDays = 730;
    private const int DefaultUnits = 1000;

    /// <summary>Number of steps.</summary>
    public long Count => Highest - Lowest + 1;

    /// <summary>The bounds of a column: what metadata says, and what is usual where it says nothing.</summary>
    /// <exception cref="FormatException">A bound is no value of the type, or they exclude each other; the message is the reason.</exception>
    public static StepBounds Of(ColumnModel column, ValueScale scale, DateTime referenceTime)
    {
        var lowest = Read(column.Minimum, scale, up: true, "min");
        var highest = Read(column.Maximum, scale, up: false, "max");
        if (lowest > highest)
        {
            throw new FormatException(column.Minimum!.Equals(column.Maximum)
                ? $"no value of the type is {column.Minimum}"
                : $"\"min\" is {Describe(column.Minimum)} and \"max\" is {Describe(column.Maximum)}: no value lies between them");
        }

        var usual = Usual(column, scale, referenceTime);
        var span = usual.Highest - usual.Lowest;
        return (lowest, highest) switch
        {
            ({ } low, { } high) => new StepBounds(low, high),
            ({ } low, null) => new StepBounds(low, low < usual.Highest ? usual.Highest : Math.Min(scale.Highest, low + span)),
            (null, { } high) => new StepBounds(high > usual.Lowest ? usual.Lowest : Math.Max(scale.Lowest, high - span), high),
            _ => usual,
        };
    }

    /// <summary>A distribution with a mean knows by itself where its values lie; otherwise they are within what people expect.</summary>
    private static StepBounds Usual(ColumnModel column, ValueScale scale, DateTime referenceTime)
    {
        return (scale, column.Distribution) switch
        {
            (_, { Kind: DistributionKind.Histogram, Bounds: { } bounds }) => new StepBounds(
                Read(bounds[0], scale, up: true, "bounds")!.Value, Read(bounds[^1], scale, up: false, "bounds")!.Value),
            (TimestampScale or DateScale, _) =>
                new StepBounds(scale.ToStep(referenceTime.AddDays(-DefaultDays), up: true), scale.ToStep(referenceTime, up: false)),
            (TimeOfDayScale, _) => new StepBounds(scale.Lowest, scale.Highest),
            (IntervalScale, _) => new StepBounds(0, PostgresTime.Day),

            (_, { Mean: not null, Kind: DistributionKind.Normal }) => new StepBounds(scale.Lowest, scale.Highest),
            (_, { Mean: not null }) => new StepBounds(0, scale.Highest),
            _ => new StepBounds(0, (long)Math.Min(scale.Highest, DefaultUnits * scale.StepsPerUnit)),
        };
    }

    private static long? Read(object? bound, ValueScale scale, bool up, string name)
    {
        try
        {
            return bound is null ? null : scale.ToStep(bound, up);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"\"{name}\" is {Describe(bound!)}: {exception.Message}", exception);
        }
    }

    private static string Describe(object? bound) => FieldCodec.Describe(bound);
}
