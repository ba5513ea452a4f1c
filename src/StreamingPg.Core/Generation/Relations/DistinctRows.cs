using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Gives every row of a chunk a combination of parents of its own.</summary>
/// <param name="random">Random stream of the order.</param>
/// <param name="combinations">The combinations.</param>
/// <param name="keys">Number of foreign keys.</param>
/// <param name="first">The row that takes the first of the order.</param>
internal sealed class DistinctRows(CountedRandom random, ParentCombinations combinations, int keys, long first)
{
    private readonly Permutation _order = new(random.Derive("combination"), combinations.Count);
    private readonly long[] _parents = new long[keys];
    private long _row = -1;

    /// <summary>The parents of a row, one per foreign key.</summary>
    public ReadOnlySpan<long> ParentsOf(long row)
    {
        if (row != _row)
        {
            combinations.Get(_order.At(row - first), _parents);
            _row = row;
        }

        return _parents;
    }
}

/// <summary>One of the parents that together are unique: the row's place in a shuffled order of all combinations.</summary>
internal sealed class DistinctParent(DistinctRows rows, int index) : ParentPicker
{
    public override long Pick(long row) => rows.ParentsOf(row)[index];
}
