using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>In a cycle of two tables: one of the rows that refer to the row. Which these are is counted once for the part.</summary>
/// <param name="random">Random stream of the key.</param>
/// <param name="children">The table that refers back.</param>
/// <param name="back">Its key.</param>
/// <param name="rows">Its rows.</param>
internal sealed class OwnChild(CountedRandom random, TableGenerator children, ForeignKeyModel back, RowRange rows) : ParentPicker
{
    private readonly CountedRandom _choice = random.Derive("choice");
    private readonly Lazy<ILookup<long, long>> _childrenOf = new(() =>
    {
        var parents = children.Parents(back);
        return Enumerable.Range(0, (int)rows.Count).Select(index => rows.From + index).ToLookup(parents.Pick);
    });

    public override long Pick(long row)
    {
        var own = _childrenOf.Value[row] as ICollection<long>;
        return own is null or { Count: 0 } ? None : own.ElementAt((int)_choice.Below(row, own.Count));
    }
}
