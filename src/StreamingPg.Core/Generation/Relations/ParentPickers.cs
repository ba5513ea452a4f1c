using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>No row has a parent.</summary>
internal sealed class NoParent : ParentPicker
{
    public override long Pick(long row) => None;
}

/// <summary>The parent by the first picker that has one.</summary>
internal sealed class FirstParent(ParentPicker first, ParentPicker otherwise) : ParentPicker
{
    public override long Pick(long row)
    {
        var parent = first.Pick(row);
        return parent == None ? otherwise.Pick(row) : parent;
    }
}

/// <summary>Leaves the parent out for a share of the rows.</summary>
internal sealed class OptionalParent(CountedRandom random, double nullRatio, ParentPicker parents) : ParentPicker
{
    private readonly CountedRandom _missing = random.Derive("null");

    public override long Pick(long row) => _missing.Fraction(row) < nullRatio ? None : parents.Pick(row);
}

/// <summary>Takes the parent that a <see cref="Partition"/> deals the row to.</summary>
internal sealed class PartitionedParent(Partition partition, bool existing) : ParentPicker
{
    /// <summary>The rows of a new parent; null when rows are dealt to existing ones.</summary>
    public RowRange? ChildrenOf(long parent) => existing ? null : partition.ChildrenOf(parent);

    public override long Pick(long row)
    {
        var parent = partition.ParentOf(row);
        return existing ? ~parent : parent;
    }
}

/// <summary>
/// Chooses a parent at random: an existing one of the chunk's share with a given probability, else one of this batch. Some parents are chosen more
/// often than others: the share of the first x of them is the square root of x, so the busiest tenth gets a third of the rows.
/// </summary>
/// <param name="random">Random stream of the key.</param>
/// <param name="among">The parents.</param>
/// <param name="existingShare">Share of rows that get an existing one, see <see cref="ParentChoice.ExistingShare(double, long)"/>.</param>
internal sealed class ChosenParent(CountedRandom random, ParentChoice among, double existingShare) : ParentPicker
{
    private readonly CountedRandom _choice = random.Derive("choice");
    private readonly CountedRandom _origin = random.Derive("origin");

    public override long Pick(long row)
    {
        var fraction = _choice.Fraction(row);
        var skewed = fraction * fraction;
        return existingShare > 0 && _origin.Fraction(row) < existingShare
            ? ~In(among.ExistingOfChunk, skewed)
            : In(among.New, skewed);
    }

    private static long In(RowRange rows, double fraction) => rows.From + (long)(fraction * rows.Count);
}

/// <summary>The row that is reached from the row's parent by further foreign keys.</summary>
/// <param name="child">The table of the row.</param>
/// <param name="keys">The keys, the first of them the row's own.</param>
internal sealed class FollowedParent(TableGenerator child, IReadOnlyList<ForeignKeyModel> keys) : ParentPicker
{
    private readonly ParentLink?[] _links = new ParentLink?[keys.Count];

    public override long Pick(long row)
    {
        var reference = row;
        var table = child;
        for (var step = 0; step < _links.Length; step++)
        {
            var link = _links[step] ??= table.Link(keys[step]);
            var parent = link.ParentOf(reference);
            if (parent == None || (parent == reference && link.Table!.Table.Name == table.Table.Name))
            {
                // Nothing there, or a row that refers to itself, from which there is no way on.
                return None;
            }

            (reference, table) = (parent, link.Table!);
        }

        return reference;
    }
}

/// <summary>In a cycle of two tables: one of the rows that refer to the row. Where they are not dealt out, which these are is counted once for the chunk.</summary>
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
        if (children.Parents(back) is PartitionedParent dealt && dealt.ChildrenOf(row) is { } dealtOut)
        {
            return dealtOut.Count == 0 ? None : dealtOut.From + _choice.Below(row, dealtOut.Count);
        }

        var own = _childrenOf.Value[row] as ICollection<long>;
        return own is null or { Count: 0 } ? None : own.ElementAt((int)_choice.Below(row, own.Count));
    }
}
