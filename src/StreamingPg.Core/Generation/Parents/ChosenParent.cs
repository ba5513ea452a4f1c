using StreamingPg.Core.Generation.Relations;

namespace StreamingPg.Core.Generation.Parents;

/// <summary>
/// Chooses a parent at random: an existing one of the part's share with a given probability, else one of this batch. Some parents are chosen more
/// often than others: the share of the first x of them is the square root of x, so the busiest tenth gets a third of the rows.
/// </summary>
internal sealed class ChosenParent(CountedRandom random, ParentChoice among, double existingRatio) : ParentPicker
{
    private readonly CountedRandom _choice = random.Derive("choice");
    private readonly CountedRandom _origin = random.Derive("origin");
    private readonly double _existingRatio = among.Existing == 0 ? 0 : among.New.Count == 0 ? 1 : existingRatio;

    public override long Pick(long row)
    {
        var fraction = _choice.Fraction(row);
        var skewed = fraction * fraction;
        return _existingRatio > 0 && _origin.Fraction(row) < _existingRatio
            ? ~In(among.ExistingOfPart, skewed)
            : In(among.New, skewed);
    }

    private static long In(RowRange rows, double fraction) => rows.From + (long)(fraction * rows.Count);
}
