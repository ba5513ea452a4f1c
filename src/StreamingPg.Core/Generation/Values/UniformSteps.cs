using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Every step from the lowest to the highest as likely as another.</summary>
internal sealed class UniformSteps(CountedRandom random, long lowest, long highest) : StepSource
{
    // The scales end before 2^63: the count of steps between two of them does not overflow.
    public override long At(long row) => lowest + random.Below(row, highest - lowest + 1);
}
