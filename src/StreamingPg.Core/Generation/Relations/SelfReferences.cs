using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// The parent of a row in a table that refers to itself: a row that was there before, or an earlier one of the batch, the first
/// ones more often than the last, so that the trees stay low. The first row, and a share of the others, have none; where each must have
/// one, the first is its own.
/// </summary>
/// <param name="random">Random stream of the key.</param>
/// <param name="first">The first row that a row may refer to.</param>
/// <param name="existingParents">Number of rows that were there before.</param>
/// <param name="existingRatio">Share of references that go to these.</param>
/// <param name="mayBeMissing">True when a row needs no parent.</param>
/// <param name="rootRatio">Share of rows that have none.</param>
internal sealed class EarlierRow(
    CountedRandom random, Func<long, long> first, int existingParents, double existingRatio, bool mayBeMissing, double rootRatio = 0) : ParentPicker
{
    private readonly CountedRandom _choice = random.Derive("choice");
    private readonly CountedRandom _origin = random.Derive("origin");
    private readonly CountedRandom _root = random.Derive("root");

    public override long Pick(long row)
    {
        if (_root.Fraction(row) < rootRatio)
        {
            return None;
        }

        var from = first(row);
        var earlier = row - from;
        var fraction = _choice.Fraction(row);
        var skewed = fraction * fraction;
        if (existingParents > 0 && (_origin.Fraction(row) < existingRatio || (earlier == 0 && !mayBeMissing)))
        {
            return ~(long)(skewed * existingParents);
        }

        return earlier > 0 ? from + (long)(skewed * earlier) : mayBeMissing ? None : row;
    }
}

/// <summary>
/// The parent of a row in a table that refers to itself, where no two rows may have the same one: every second row refers to the
/// one before it. Where each must have a parent, each is its own.
/// </summary>
internal sealed class NeighbourRow(long first, bool mayBeMissing) : ParentPicker
{
    public override long Pick(long row)
    {
        if (!mayBeMissing)
        {
            return row;
        }

        return (row - first) % 2 == 1 ? row - 1 : None;
    }
}
