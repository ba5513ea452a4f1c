using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation;

/// <summary>Gives each row a number that no other row of its parent has: one after the other, those that are taken left out.</summary>
/// <param name="partition">How the rows are dealt out to their parents.</param>
/// <param name="count">How many numbers there are for each parent.</param>
/// <param name="taken">Numbers that existing rows have, parent times <paramref name="count"/> plus number, ascending.</param>
/// <param name="start">Random stream of where a parent begins; null to begin with the first number.</param>
internal sealed class NumbersWithinParent(Partition partition, long count, IReadOnlyList<long> taken, CountedRandom? start)
{
    /// <summary>The number of a row.</summary>
    public long At(long row)
    {
        var parent = partition.ParentOf(row);
        var own = parent * count;
        var from = PlaceOf(own);
        var free = count - (PlaceOf(own + count) - from);
        var place = row - partition.ChildrenOf(parent).From + (start?.Below(parent, free) ?? 0);
        return SkipTaken(place % free, own, from);
    }

    /// <summary>How many taken numbers come before one.</summary>
    private int PlaceOf(long number)
    {
        var (low, high) = (0, taken.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = taken[middle] < number ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private long SkipTaken(long free, long own, int from)
    {
        for (var index = from; index < taken.Count && taken[index] - own <= free; index++)
        {
            free++;
        }

        return free;
    }
}
