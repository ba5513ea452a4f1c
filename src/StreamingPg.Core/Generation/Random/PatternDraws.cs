namespace StreamingPg.Core.Generation.Random;

/// <summary>The choices that one row makes along a pattern: each has random bits of its own.</summary>
internal ref struct PatternDraws(CountedRandom random, long row)
{
    private long _choice;

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public long Below(long count) => random.Derive(_choice++).Below(row, count);
}
