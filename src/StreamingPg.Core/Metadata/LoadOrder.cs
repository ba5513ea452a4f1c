using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>
/// Puts parents before children and leaves tables in the order of the document otherwise. A cycle is cut at a key that may be
/// NULL, or that the server may look at later; a table that refers to itself is no cycle.
/// </summary>
internal sealed class LoadOrder
{
    private readonly string _source;
    private readonly TableModel[] _tables;
    private readonly Dictionary<string, int> _position;
    private readonly List<int> _sorted = [];

    private LoadOrder(IReadOnlyList<TableModel> tables, string source)
    {
        _source = source;
        _tables = [.. tables];
        _position = _tables.Select((table, index) => (table.Name, index))
            .ToDictionary(entry => entry.Name, entry => entry.index, StringComparer.Ordinal);
    }

    /// <summary>The tables in loading order.</summary>
    /// <exception cref="StreamingException">Foreign keys run in a cycle that cannot be cut.</exception>
    public static IReadOnlyList<TableModel> Sort(IReadOnlyList<TableModel> tables, string source)
    {
        var order = new LoadOrder(tables, source);
        while (order._sorted.Count < tables.Count)
        {
            if (!order.AddReady())
            {
                order.Cut(order.FindCycle());
            }
        }

        return [.. order._sorted.Select(index => order._tables[index])];
    }

    /// <summary>Adds the tables whose parents are all there already; false when there is none.</summary>
    private bool AddReady()
    {
        var waitsFor = _tables.Select(table => ParentsOf(table).Count(parent => !_sorted.Contains(parent))).ToArray();
        var children = _tables
            .SelectMany((table, child) => ParentsOf(table).Select(parent => (parent, child)))
            .ToLookup(entry => entry.parent, entry => entry.child);
        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, _tables.Length)
            .Where(index => waitsFor[index] == 0 && !_sorted.Contains(index))
            .Select(index => (index, index)));
        var before = _sorted.Count;
        while (ready.TryDequeue(out var index, out _))
        {
            _sorted.Add(index);
            foreach (var child in children[index])
            {
                waitsFor[child]--;
                if (waitsFor[child] == 0)
                {
                    ready.Enqueue(child, child);
                }
            }
        }

        return _sorted.Count > before;
    }

    private IEnumerable<int> ParentsOf(TableModel table) =>
        WaitingKeys(table).Select(key => _position[key.ParentTable]).Distinct();

    private static IEnumerable<ForeignKeyModel> WaitingKeys(TableModel table) =>
        table.ForeignKeys.Where(key => !key.IsLoadedLater && key.ParentTable != table.Name);

    /// <summary>Every table left over waits for another one left over; following these leads into a cycle.</summary>
    private List<(int Table, ForeignKeyModel Key)> FindCycle()
    {
        var path = new List<(int Table, ForeignKeyModel Key)>();
        var current = Enumerable.Range(0, _tables.Length).First(index => !_sorted.Contains(index));
        while (!path.Exists(step => step.Table == current))
        {
            var key = WaitingKeys(_tables[current]).First(key => !_sorted.Contains(_position[key.ParentTable]));
            path.Add((current, key));
            current = _position[key.ParentTable];
        }

        return path.GetRange(path.FindIndex(step => step.Table == current), path.Count - path.FindIndex(step => step.Table == current));
    }

    /// <summary>Cuts a cycle where the reference is optional, else where the server checks it later.</summary>
    private void Cut(List<(int Table, ForeignKeyModel Key)> cycle)
    {
        // Every key between the same two tables waits alike: cutting one of them alone would change nothing.
        bool CanCut((int Table, ForeignKeyModel Key) step, Func<TableModel, ForeignKeyModel, bool> may) =>
            WaitingKeys(_tables[step.Table]).Where(key => key.ParentTable == step.Key.ParentTable).All(key => may(_tables[step.Table], key));

        // How many rows a table has must be known from the parents that they are counted by.
        var index = cycle.FindIndex(step => CanCut(step, (table, key) => MayBeSetLater(table, key) && !IsCountedBy(table, key)));
        if (index < 0)
        {
            index = cycle.FindIndex(step => CanCut(step, (table, key) => MayWait(table, key) && !IsCountedBy(table, key)));
        }

        if (index < 0)
        {
            throw cycle.Exists(step => CanCut(step, MayWait)) ? CountError(cycle) : CycleError(cycle);
        }

        var (at, cut) = cycle[index];
        _tables[at] = _tables[at] with
        {
            ForeignKeys = [.. _tables[at].ForeignKeys.Select(key =>
                key.ParentTable == cut.ParentTable ? key with { IsLoadedLater = true } : key)],
        };
    }

    private static bool MayWait(TableModel table, ForeignKeyModel key) => MayBeSetLater(table, key) || key.IsDeferrable;

    /// <summary>A reference is set when its row is there, which is then found by its key.</summary>
    private static bool MayBeSetLater(TableModel table, ForeignKeyModel key) => table.PrimaryKey.Count > 0 && table.IsOptional(key);

    private static bool IsCountedBy(TableModel table, ForeignKeyModel key) =>
        table.PerParent is { } counts && (counts.Parent is null || counts.Parent == key.ParentTable);

    private string Describe(List<(int Table, ForeignKeyModel Key)> cycle) =>
        string.Join(" -> ", cycle.Select(step => _tables[step.Table].Name).Append(_tables[cycle[0].Table].Name));

    private StreamingException CountError(List<(int Table, ForeignKeyModel Key)> cycle)
    {
        var (at, key) = cycle.First(step => IsCountedBy(_tables[step.Table], step.Key));
        return MetadataError.At(
            _source,
            $"{_tables[at].Name}.per_parent",
            $"it sets the rows per \"{key.ParentTable}\", but the foreign keys form a cycle that cannot be broken elsewhere: {Describe(cycle)}",
            "Use \"rows_per_batch\" instead, or make another of these foreign keys nullable (\"nullable\": true) or deferrable (\"deferrable\": true).");
    }

    private StreamingException CycleError(List<(int Table, ForeignKeyModel Key)> cycle)
    {
        return MetadataError.At(
            _source,
            $"{_tables[cycle[0].Table].Name}.{cycle[0].Key.Columns[0]}",
            $"the foreign keys form a cycle: {Describe(cycle)}",
            "Remove one of these foreign keys, or make one nullable (\"nullable\": true) or deferrable (\"deferrable\": true; in an existing database: "
            + "ALTER TABLE ... ALTER CONSTRAINT ... DEFERRABLE).");
    }
}
