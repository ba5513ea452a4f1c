using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>The one place where the plan of new rows is made, be they for a batch or for the pipeline.</summary>
internal static class PlanMaker
{
    /// <summary>A plan for one chunk, whose rows refer to existing parents wherever there are any.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="settings">Seed and reference time.</param>
    /// <param name="locale">Locale of the pools.</param>
    /// <param name="rows">New rows per table.</param>
    /// <param name="parents">What rows may refer to; null for nothing that was there before.</param>
    /// <param name="batchNumber">Number of the batch; 0 for rows that are made without a ledger.</param>
    /// <exception cref="StreamingException">A count is out of range, or of a table that the model does not have.</exception>
    public static BatchPlan Make(
        StreamModel model,
        GenerationSettings settings,
        string locale,
        IReadOnlyDictionary<string, long> rows,
        ExistingParents? parents = null,
        long batchNumber = 0)
    {
        BatchPlan.CheckCounts(model, rows);
        parents ??= ExistingParents.None;
        return new BatchPlan
        {
            Model = model,
            Seed = settings.Seed,
            BatchNumber = batchNumber,
            ReferenceTime = settings.ReferenceTime,
            KeyTime = settings.KeyTime(batchNumber),
            Locale = locale,
            Rows = rows,
            ExistingRatio = 1,
            Existing = parents.Rows,
            Taken = parents.Taken,
            NumbersBefore = parents.NumbersBefore,
        };
    }
}
