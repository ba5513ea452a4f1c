using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>A batch as it was asked for, with what was not said filled in.</summary>
internal sealed class BatchRequest
{
    public BatchRequest(StreamModel model, BatchOptions options)
    {
        Model = model;
        Options = options;
        BatchId = options.BatchId ?? Guid.NewGuid();

        // To the microsecond, as the database keeps times: a later process must find the same one in the ledger.
        var settings = GenerationSettings.From(options.Seed, options.ReferenceTime, TimeProvider.System);
        Settings = settings with { ReferenceTime = new DateTime(settings.ReferenceTime.Ticks / 10 * 10, settings.ReferenceTime.Kind) };
        Parts = (int)Math.Max(1, (options.TotalRows + options.ChunkSize - 1) / options.ChunkSize);
    }

    public StreamModel Model { get; }

    public BatchOptions Options { get; }

    public Guid BatchId { get; }

    public GenerationSettings Settings { get; }

    /// <summary>Looks at the server's sessions; null when no statistics are asked for.</summary>
    public ServerSampler? Sampler { get; init; }

    /// <summary>Number of transactions.</summary>
    public int Parts { get; }

    /// <summary>
    /// How many existing rows of a table this batch picks as parents: half as many as are to refer to them, since some are busier
    /// than others anyway, and each costs a look-up and a lock.
    /// </summary>
    public int ParentsWanted(TableModel table)
    {
        long children = Model.Tables
            .Where(child => child.ForeignKeys.Any(key => key.ParentTable == table.Name))
            .Sum(child => Options.RowsOf(child.Name));
        var share = Options.RowsOf(table.Name) == 0 ? 1 : IsDealtOut(table) ? 0 : Options.ExistingRatio;
        return (int)Math.Min(ParentSampler.MaxParents, Math.Ceiling(children * share / 2));
    }

    // Lines go to the transactions of their own batch, whose amounts are their sums.
    private bool IsDealtOut(TableModel table) => ShopLines.Find(Model)?.ToTransaction.ParentTable == table.Name;
}
