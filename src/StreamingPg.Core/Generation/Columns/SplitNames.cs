using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Names that stand in two columns, or of which one column is not there: it is then any name.</summary>
internal sealed class SplitNames(CountedRandom random, ValuePools pools, PooledTextColumn? first, PooledTextColumn? last) : IPersonNames
{
    private readonly PersonNameColumn _others = new(random.Derive("name"), pools, null);

    public ValuePools Pools => pools;

    public (int First, int Last) Choose(long row)
    {
        var other = _others.Choose(row);
        return (first?.Choose(row) ?? other.First, last?.Choose(row) ?? other.Last);
    }
}
