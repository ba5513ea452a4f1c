using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Divides the combinations of a unique set of foreign keys among the parts of a batch.</summary>
/// <remarks>
/// A part with parents of its own uses combinations with one of these, which no other part can use. Parts without any share those
/// of the first part with it, one after the other.
/// </remarks>
internal sealed class DistinctParts(
    BatchPlan plan, PartRows rows, TableModel table, UniqueKeySet unique, IReadOnlyList<TableGenerator> parents)
{
    /// <summary>Before the first part: are there combinations enough for all of them?</summary>
    /// <exception cref="StreamingException">There are not.</exception>
    public void Check(int part)
    {
        if (part > 0)
        {
            return;
        }

        long possible = 0;
        var missing = false;
        for (var other = 0; other < plan.Parts; other++)
        {
            if (other > 0 && Shares(other))
            {
                continue;
            }

            var count = Combinations(other).Count;
            missing |= (other == 0 ? SharedRows(plan.Parts) : rows.Of(table, other).Count) > count;
            possible += count;
        }

        if (missing)
        {
            throw RelationErrors.TooFewParents(table, unique, plan.RowsOf(table.Name), possible);
        }
    }

    /// <summary>The combination of each row of a part.</summary>
    public DistinctRows RowsOf(int part, CountedRandom random)
    {
        var before = Shares(part) ? SharedRows(part) : 0;
        return new DistinctRows(random, Combinations(part), unique.Keys.Count, rows.Of(table, part).From - before);
    }

    /// <summary>True for the first part and those that have no parents of their own.</summary>
    private bool Shares(int part) => part == 0 || parents.All(parent => rows.Of(parent.Table, part).Count == 0);

    private long SharedRows(int parts) => Enumerable.Range(0, parts).Where(Shares).Sum(part => rows.Of(table, part).Count);

    private ParentCombinations Combinations(int part)
    {
        var shares = Shares(part);
        var choices = parents.Select(parent => ParentWiring.ChoiceOf(rows, part, parent) is var choice && shares
            ? choice with { IsOwn = true }
            : choice);
        return new ParentCombinations([.. choices], shares ? plan.Taken.GetValueOrDefault(unique.NameIn(table)) ?? [] : null);
    }
}
