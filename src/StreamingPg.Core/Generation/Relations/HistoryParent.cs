using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// The parent of a row in a history: one of those that were there when it happened, which are those at the same share of their table, or
/// before. Half of the rows prefer the oldest of them, and half the newest. Who has left is not chosen any more.
/// </summary>
/// <param name="random">Random stream of the key.</param>
/// <param name="parents">Number of parents.</param>
/// <param name="rows">Number of rows that refer to them.</param>
/// <param name="life">How long parents stay; null for ever.</param>
internal sealed class HistoryParent(CountedRandom random, long parents, long rows, HistoryLife? life) : ParentPicker
{
    private const int Attempts = 8;

    private readonly CountedRandom[] _choices = [.. Enumerable.Range(0, Attempts).Select(attempt => random.Derive("choice").Derive(attempt))];
    private readonly CountedRandom _age = random.Derive("age");

    public override long Pick(long row)
    {
        // Whole numbers, so that no chunk refers to what a later one makes.
        var there = (parents <= int.MaxValue && row <= int.MaxValue ? row * parents / rows : (long)((Int128)row * parents / rows)) + 1;
        var prefersOld = _age.Bits(row) % 2 == 0;
        foreach (var choice in _choices)
        {
            var fraction = choice.Fraction(row);
            var place = (long)(fraction * fraction * there);
            var parent = prefersOld ? place : there - 1 - place;
            if (life is null || life.IsThere(parent, (double)parent / parents, (double)row / rows))
            {
                return parent;
            }
        }

        return there - 1;
    }
}

/// <summary>How long parents stay: each leaves at a time of its own, as likely on one day as on another.</summary>
/// <param name="random">Random stream of the parents.</param>
/// <param name="curve">When they came.</param>
/// <param name="mean">How long they stay on average, in microseconds.</param>
internal sealed class HistoryLife(CountedRandom random, HistoryCurve curve, double mean)
{
    /// <summary>True when a parent that came at a share of the history is still there at another.</summary>
    public bool IsThere(long parent, double came, double now) =>
        curve.TimeOf(now) - curve.TimeOf(came) <= -Math.Log(1 - random.Fraction(parent)) * mean;
}
