using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>
/// Gives each row of a batch a number of its own out of all that there are, in shuffled order; those that existing rows have are
/// left out. Only these are stored.
/// </summary>
internal sealed class UniqueNumbers
{
    private readonly Permutation _order;
    private readonly long[] _freeBefore;

    /// <param name="random">Random stream of the key.</param>
    /// <param name="count">How many numbers there are.</param>
    /// <param name="taken">Places in the shuffled order whose numbers are taken, ascending.</param>
    public UniqueNumbers(CountedRandom random, long count, IReadOnlyList<long> taken)
    {
        _order = new Permutation(random, count);

        // So many places that are free come before each one that is taken.
        _freeBefore = [.. taken.Select((place, index) => place - index)];
    }

    /// <summary>The number at a place of the shuffled order, free or taken.</summary>
    public long AtPlace(long place) => _order.At(place);

    /// <summary>The number of a row.</summary>
    public long At(long row) => _order.At(row + TakenUpTo(row));

    /// <summary>How many taken places lie before the free place of a row.</summary>
    private int TakenUpTo(long row)
    {
        int low = 0, high = _freeBefore.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _freeBefore[middle] <= row ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
