using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Scales;

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
}
