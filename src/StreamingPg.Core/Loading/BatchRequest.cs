using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>A batch as it was requested, with what was not said filled in.</summary>
internal sealed class BatchRequest
{
    private readonly Dictionary<string, int> _parentsWanted = new(StringComparer.Ordinal);

    public BatchRequest(StreamModel model, BatchOptions options)
    {
        Model = model;
        BatchId = options.BatchId ?? Guid.NewGuid();

        // To the microsecond, as the database keeps times: a later process must find the same one in the ledger.
        var settings = GenerationSettings.From(options.Seed, options.ReferenceTime, TimeProvider.System);
        Settings = settings with
        {
            ReferenceTime = new DateTime(settings.ReferenceTime.Ticks / 10 * 10, settings.ReferenceTime.Kind),
            IsRepeatable = settings.IsRepeatable && !options.IsTick,
        };
        if (options.History is not null)
        {
            // Its rows refer to those that were there at the time, which are its own.
            options = options with { ExistingRatio = 0 };
        }

        Options = options.RowsOfMetadata ? options with { Rows = BatchRows.Of(model, options.Rows, Settings.Seed) } : options;
        BatchPlan.CheckCounts(model, Options.Rows);
        Chunks = ChunksFor(Options.TotalRows, Options.RowsOfChunk);
    }

    private BatchRequest(StreamModel model, BatchRequest other)
    {
        Model = model;
        BatchId = other.BatchId;
        Settings = other.Settings;
        Options = other.Options;
        Chunks = other.Chunks;
        Sampler = other.Sampler;
    }

    /// <summary>The same batch of tables of which more is known.</summary>
    public BatchRequest With(StreamModel model) => new(model, this);

    /// <summary>The same batch at another reference time.</summary>
    public BatchRequest At(DateTime referenceTime) =>
        new(Model, Options with { BatchId = BatchId, ReferenceTime = referenceTime }) { Sampler = Sampler };

    public StreamModel Model { get; }

    public BatchOptions Options { get; }

    public Guid BatchId { get; }

    public GenerationSettings Settings { get; }

    /// <summary>The rows of a table in this batch are after this time (UTC), as EventRule has it: those for which metadata says otherwise are not.</summary>
    public DateTime EarliestEvent(TableModel table) => Settings.ReferenceTime
        - (Options.Events.Span ?? (table.ForeignKeys.Count == 0 ? RegistrationSpan : UsualSpan)) - (Options.Late?.To ?? TimeSpan.Zero);

    /// <summary>The plan of the batch.</summary>
    /// <param name="number">Number of the batch.</param>
    /// <param name="parents">What its rows may refer to.</param>
    /// <param name="sequenceValues">See <see cref="BatchPlan.SequenceValues"/>.</param>
    public BatchPlan Plan(long number, ExistingParents parents, IReadOnlyDictionary<string, SequenceValues> sequenceValues) =>
        PlanMaker.Make(Model, Settings, Options.Locale, Options.Rows, parents, number) with
        {
            ExistingRatio = Options.ExistingRatio,
            Events = Options.Events,
            Chunks = Chunks,
            SequenceValues = sequenceValues,
        };

    /// <summary>Looks at the server's sessions; null when no statistics are requested.</summary>
    public ServerSampler? Sampler { get; init; }

    /// <summary>Number of transactions.</summary>
    public int Chunks { get; }

    /// <summary>
    /// The first chunk goes alone, and two connections share the others evenly when their number is even. It must not follow from the
    /// number of connections: the rows would.
    /// </summary>
    private static int ChunksFor(long rows, int chunkSize) =>
        rows <= chunkSize ? 1 : checked((int)((rows + chunkSize - 1) / chunkSize)) | 1;

    /// <summary>
    /// How many existing rows of a table this batch picks as parents: half as many as are to refer to them, since some are busier
    /// than others anyway, and each costs a look-up and a lock, and a page of its own in a large table. A reference that follows from
    /// another parent picks none. Where references are unique, some more, because some are taken.
    /// </summary>
    public int ParentsWanted(TableModel table)
    {
        if (!_parentsWanted.TryGetValue(table.Name, out var wanted))
        {
            _parentsWanted[table.Name] = wanted = CountParentsWanted(table);
        }

        return wanted;
    }

    private int CountParentsWanted(TableModel table)
    {
        var share = Options.RowsOf(table.Name) == 0 ? 1 : Options.ExistingRatio;
        long children = 0;
        var more = 0d;
        foreach (var child in Model.Tables.Where(child => Options.RowsOf(child.Name) > 0 && child.ForeignKeys.Any(key => key.ParentTable == table.Name)))
        {
            // Rows that are dealt out go to the parents of their own batch.
            var dealt = Options.RowsOf(table.Name) == 0 ? null : DealtKeys.Of(Model, child);
            var keys = child.ForeignKeys.Where(key => key.ParentTable == table.Name && key != dealt).ToList();
            children += keys.Count == 0 ? 0 : keys.TrueForAll(key => FollowsFromAnother(child, key)) ? 1 : Options.RowsOf(child.Name);
            if (share > 0 && UniqueKeySet.Of(child).Any(unique => unique.Keys.Any(keys.Contains)))
            {
                more += (Options.RowsOf(child.Name) * share / 2) + UniqueMargin;
            }
            else if (Options.RowsOf(table.Name) == 0 && KeyWithinParent.Of(child)?.Key is { } within && keys.Contains(within))
            {
                more += (Options.RowsOf(child.Name) / 2.0) + RoomMargin;
            }
        }

        return (int)Math.Min(ParentChoice.MaxExisting, Math.Ceiling((children * share / 2) + more));
    }

    private bool FollowsFromAnother(TableModel child, ForeignKeyModel key) =>
        SharedAncestor.Of(Model, child).Any(shared => shared.Straight == key && !shared.MayBeMissing(Model, child));

    // As EventRule spreads the rows that refer to others.
    private static readonly TimeSpan UsualSpan = TimeSpan.FromDays(30);
    private static readonly TimeSpan RegistrationSpan = TimeSpan.FromDays(730);

    private const int UniqueMargin = 20;

    // Parents may have little room left.
    private const int RoomMargin = 100;
}
