using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Times of any kind: their differences are durations.</summary>
internal abstract class TimeScale : ValueScale
{
    /// <summary>Microseconds of a step.</summary>
    public abstract long MicrosecondsPerStep { get; }

    public override double StepsPerUnit => 1;

    public override double ToSteps(object difference) =>
        difference is string text && DurationText.Parse(text) is { } duration && duration > TimeSpan.Zero
            ? duration.TotalMicroseconds / MicrosecondsPerStep
            : throw new FormatException($"it is not a duration {DurationText.Examples}");

    /// <summary>A bound that generated times can keep: infinity and years before 1 or after 9999 are none.</summary>
    protected long Bound(long step) => step >= Lowest && step <= Highest
        ? step
        : throw new FormatException("it is not between the years 1 and 9999");
}
