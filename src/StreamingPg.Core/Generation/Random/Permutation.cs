using System.Numerics;

namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// A shuffled order of the numbers 0 .. count - 1 of which nothing is stored: a Feistel network over the next power of four, walked
/// until it is inside again.
/// </summary>
internal sealed class Permutation
{
    private const int Rounds = 4;
    private readonly CountedRandom _random;
    private readonly int _halfBits;
    private readonly ulong _mask;

    /// <summary>The order that a random stream gives.</summary>
    public Permutation(CountedRandom random, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _random = random;
        Count = count;
        _halfBits = Math.Max(1, (65 - BitOperations.LeadingZeroCount((ulong)(count - 1))) / 2);
        _mask = (1UL << _halfBits) - 1;
    }

    /// <summary>How many numbers there are.</summary>
    public long Count { get; }

    /// <summary>The number at a place.</summary>
    public long At(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var value = (ulong)index;
        do
        {
            value = Shuffle(value);
        }
        while (value >= (ulong)Count);
        return (long)value;
    }

    private ulong Shuffle(ulong value)
    {
        var (left, right) = (value >> _halfBits, value & _mask);
        for (var round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (_random.Bits((long)((right * Rounds) + (ulong)round)) & _mask));
        }

        return (left << _halfBits) | right;
    }
}
