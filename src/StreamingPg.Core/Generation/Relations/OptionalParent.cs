using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Leaves the parent out for a share of the rows.</summary>
internal sealed class OptionalParent(CountedRandom random, double nullRatio, ParentPicker parents) : ParentPicker
{
    private readonly CountedRandom _missing = random.Derive("null");

    public override long Pick(long row) => _missing.Fraction(row) < nullRatio ? None : parents.Pick(row);
}
