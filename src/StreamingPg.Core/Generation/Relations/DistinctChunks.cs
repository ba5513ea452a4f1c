using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Divides the combinations of a unique set of foreign keys among the parts of a batch.</summary>
/// <remarks>
/// A chunk with parents of its own uses combinations with one of these, which no other chunk can use. Chunks without any share those
/// of the first chunk with it, one after the other.
/// </remarks>
internal sealed class DistinctChunks(
    BatchPlan plan, ChunkRows rows, TableModel table, UniqueKeySet unique, IReadOnlyList<TableGenerator> parents)
{
    /// <summary>Before the first chunk: are there combinations enough for all of them?</summary>
    /// <exception cref="StreamingException">There are not.</exception>
    public void Check(int chunk)
    {
        if (chunk > 0)
        {
            return;
        }

        long possible = 0;
        var missing = false;
        for (var other = 0; other < plan.Chunks; other++)
        {
            if (other > 0 && Shares(other))
            {
                continue;
            }

            var count = Combinations(other).Count;
            missing |= (other == 0 ? SharedRows(plan.Chunks) : rows.Of(table, other).Count) > count;
            possible += count;
        }

        if (missing)
        {
            throw RelationErrors.TooFewParents(table, unique, plan.RowsOf(table.Name), possible);
        }
    }

    /// <summary>The combination of each row of a chunk.</summary>
    public DistinctRows RowsOf(int chunk, CountedRandom random)
    {
        var before = Shares(chunk) ? SharedRows(chunk) : 0;
        return new DistinctRows(random, Combinations(chunk), unique.Keys.Count, rows.Of(table, chunk).From - before);
    }

    /// <summary>True for the first chunk and those that have no parents of their own.</summary>
    private bool Shares(int chunk) => chunk == 0 || parents.All(parent => rows.Of(parent.Table, chunk).Count == 0);

    private long SharedRows(int chunks) => Enumerable.Range(0, chunks).Where(Shares).Sum(chunk => rows.Of(table, chunk).Count);

    private ParentCombinations Combinations(int chunk)
    {
        var shares = Shares(chunk);
        var choices = parents.Select(parent => ParentWiring.ChoiceOf(rows, chunk, parent) is var choice && shares
            ? choice with { IsOwn = true }
            : choice);
        return new ParentCombinations([.. choices], shares ? plan.Taken.GetValueOrDefault(unique.NameIn(table)) ?? [] : null);
    }
}

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
