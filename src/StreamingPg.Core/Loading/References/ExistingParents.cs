using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Loading.References;

/// <summary>What is in the database that the rows of a batch may refer to, and what they must not repeat.</summary>
/// <param name="Rows">Rows per table.</param>
/// <param name="Taken">See <see cref="BatchPlan.Taken"/>.</param>
/// <param name="NumbersBefore">See <see cref="BatchPlan.NumbersBefore"/>.</param>
internal sealed record ExistingParents(
    IReadOnlyDictionary<string, ExistingRows> Rows,
    IReadOnlyDictionary<string, IReadOnlyList<long>> Taken,
    IReadOnlyDictionary<string, IReadOnlyList<long>> NumbersBefore);
