using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// Chooses a parent at random: an existing one of the part's share with a given probability, else one of this batch. Some parents are chosen more
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
            ? ~In(among.ExistingOfPart, skewed)
            : In(among.New, skewed);
    }

    private static long In(RowRange rows, double fraction) => rows.From + (long)(fraction * rows.Count);
}
