using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>Which rows of a table belong to which part of a batch, and which tables' rows are dealt out to their parents.</summary>
internal sealed class ChunkRows
{
    private const int FewestExistingOfChunk = 50;

    // What all chunks of a batch have in common is found out once.
    private static readonly ConditionalWeakTable<BatchPlan, OfBatch> Batches = [];

    private readonly BatchPlan _plan;
    private readonly OfBatch _batch;
    private readonly Dictionary<string, Partition?> _partitions = new(StringComparer.Ordinal);

    public ChunkRows(BatchPlan plan)
    {
        _plan = plan;
        _batch = Batches.GetValue(plan, static _ => new OfBatch());
    }

    /// <summary>The rows of a table that a chunk makes.</summary>
    public RowRange Of(TableModel table, int chunk)
    {
        if (DealtKey(table) is { } key && Dealt(table) is { } partition && _plan.RowsOf(key.ParentTable) > 0)
        {
            var parents = Of(_plan.Model.Table(key.ParentTable), chunk);
            return new RowRange(partition.ChildrenOf(parents.From).From, partition.ChildrenOf(parents.To - 1).To);
        }

        if (IsWhole(table))
        {
            return chunk == 0 ? new RowRange(0, _plan.RowsOf(table.Name)) : new RowRange(_plan.RowsOf(table.Name), _plan.RowsOf(table.Name));
        }

        // Rounded up, so that the first chunk, which the others may refer to, has a row wherever there is one.
        var rows = _plan.RowsOf(table.Name);
        return new RowRange(Cut(rows, chunk), Cut(rows, chunk + 1));
    }

    /// <summary>The rows of a parent table that rows of a chunk refer to: its own, or those of the first chunk, which is committed
    /// before any other begins.</summary>
    public RowRange ToReferTo(TableModel parent, int chunk)
    {
        var own = Of(parent, chunk);
        return own.Count > 0 ? own : Of(parent, 0);
    }

    /// <summary>
    /// The existing parents that a chunk keeps to when it chooses at random: a share of all, still enough for some to be busier than
    /// others. They lie all over a large table, and so do the entries of their children in its index: the fewer places a chunk
    /// writes to, the longer these stay in the processor's cache.
    /// </summary>
    /// <param name="existing">Number of existing parents.</param>
    /// <param name="chunk">Number of the chunk.</param>
    public RowRange ExistingOf(int existing, int chunk)
    {
        var groups = Math.Clamp(existing / FewestExistingOfChunk, 1, _plan.Chunks);
        var group = chunk % groups;
        return new RowRange((long)existing * group / groups, (long)existing * (group + 1) / groups);
    }

    /// <summary>The foreign key by which the rows of a table are dealt out, row after row, or null.</summary>
    public ForeignKeyModel? DealtKey(TableModel table) => DealtKeys.Of(_plan.Model, table);

    /// <summary>How the rows of a table are dealt out to its parents, the existing ones when the batch makes no others; null when
    /// they are not, or there is no parent.</summary>
    public Partition? Dealt(TableModel table)
    {
        if (!_partitions.TryGetValue(table.Name, out var partition))
        {
            _partitions[table.Name] = partition = DealtKey(table) is { } key ? Deal(table, key) : null;
        }

        return partition;
    }

    /// <summary>
    /// True for the smaller parents of a table whose parents are unique together: they are made by the first chunk, so that every chunk
    /// can combine its rows of the largest with all of them.
    /// </summary>
    private bool IsWhole(TableModel table) =>
        _plan.Chunks > 1 && DealtKey(table) is null && (_batch.Whole ??= FindWhole()).Contains(table.Name);

    private HashSet<string> FindWhole() => _plan.Model.Tables.Where(child => _plan.RowsOf(child.Name) > 0)
        .SelectMany(UniqueKeySet.Of)
        .Where(set => set.Keys.Count > 1)
        .SelectMany(set => set.Keys.Select(key => key.ParentTable).Where(parent => parent != set.Keys.Select(key => key.ParentTable).MaxBy(_plan.RowsOf)))
        .ToHashSet(StringComparer.Ordinal);

    private Partition? Deal(TableModel table, ForeignKeyModel key)
    {
        var random = RandomOf(_plan, table, key);
        var (parents, children) = (_plan.RowsOf(key.ParentTable), _plan.RowsOf(table.Name));
        if (parents > 0 && table.PerParent is { } perParent)
        {
            // A batch that asks for another number of rows has them dealt out evenly.
            var sums = _batch.Sums.GetOrAdd(table.Name, _ => new Lazy<ChildSums>(() => new ChildSums(new ChildCounts(_plan.Seed, table.Name, perParent), parents))).Value;
            if (sums.Children == children)
            {
                return Counted(table, key, new CountedPartition(random, sums));
            }
        }

        var dealtTo = parents > 0 ? parents : _plan.Existing.GetValueOrDefault(key.ParentTable)?.Count ?? 0;
        return dealtTo == 0 ? null
            : Within(table, key) is { } within ? DealWithin(table, within, random, dealtTo, children)
            : new Partition(random, dealtTo, children);
    }

    private static CountedPartition Counted(TableModel table, ForeignKeyModel key, CountedPartition partition) =>
        Within(table, key) is { } within && partition.Most > within.Most
            ? throw within.TooMany(table, within.Most, partition.Most, isOfOne: true)
            : partition;

    /// <summary>Deals rows out to parents that have room for a few each.</summary>
    private Partition DealWithin(TableModel table, KeyWithinParent within, CountedRandom random, long parents, long children)
    {
        if (_plan.RowsOf(within.Key.ParentTable) > 0)
        {
            var room = (Int128)parents * within.Most;
            return room >= children
                ? new Partition(random, parents, children, within.Most)
                : throw within.TooMany(table, (long)room, children, isOfOne: false);
        }

        var capacities = Enumerable.Repeat(within.Most, (int)parents).ToArray();
        foreach (var taken in _plan.Taken.GetValueOrDefault(within.NameIn(table)) ?? [])
        {
            capacities[taken / within.Most]--;
        }

        return capacities.Sum(capacity => (decimal)capacity) >= children
            ? new CapacityPartition(random, capacities, children)
            : throw within.TooMany(table, capacities.Sum(), children, isOfOne: false);
    }

    private static KeyWithinParent? Within(TableModel table, ForeignKeyModel key) =>
        KeyWithinParent.Of(table) is { } within && within.Key == key ? within : null;

    /// <summary>The random stream of a foreign key.</summary>
    public static CountedRandom RandomOf(BatchPlan plan, TableModel table, ForeignKeyModel key) =>
        CountedRandom.FromSeed(plan.Seed).Derive(plan.BatchNumber).Derive(table.Name).Derive("->" + string.Join(',', key.Columns));

    /// <summary>What all chunks of a batch share.</summary>
    private sealed class OfBatch
    {
        /// <summary>The tables that the first chunk makes whole.</summary>
        public HashSet<string>? Whole { get; set; }

        /// <summary>The children of the parents of a table.</summary>
        public ConcurrentDictionary<string, Lazy<ChildSums>> Sums { get; } = new(StringComparer.Ordinal);
    }

    private long Cut(long rows, int chunk) => (long)(((Int128)rows * chunk + _plan.Chunks - 1) / _plan.Chunks);
}
