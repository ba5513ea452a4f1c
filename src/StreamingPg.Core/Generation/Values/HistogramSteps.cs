using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Values;

/// <summary>Buckets between ascending bounds, each as likely as another, and evenly filled: PostgreSQL's histograms.</summary>
internal sealed class HistogramSteps(CountedRandom random, long[] bounds) : StepSource
{
    private readonly CountedRandom _inside = random.Derive("inside");

    public override long At(long row)
    {
        var bucket = random.Below(row, bounds.Length - 1);
        var from = bounds[bucket];

        // A bound belongs to the bucket that it begins; the last one also to the last bucket.
        var to = bounds[bucket + 1] - (bucket == bounds.Length - 2 ? 0 : 1);
        return to <= from ? from : from + _inside.Below(row, to - from + 1);
    }
}
