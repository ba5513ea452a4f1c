namespace StreamingPg.Core.Model;

/// <summary>Puts parents before children and leaves tables in the order of the document otherwise.</summary>
internal static class LoadOrder
{
    public static IReadOnlyList<TableModel> Sort(IReadOnlyList<TableModel> tables, string source)
    {
        var position = tables.Select((table, index) => (table.Name, index))
            .ToDictionary(entry => entry.Name, entry => entry.index, StringComparer.Ordinal);
        var waitsFor = tables.Select(table => ParentsOf(table).Count()).ToArray();
        var children = tables.SelectMany(table => ParentsOf(table).Select(parent => (parent, child: position[table.Name])))
            .ToLookup(entry => entry.parent, entry => entry.child, StringComparer.Ordinal);

        var ready = new PriorityQueue<int, int>(
            Enumerable.Range(0, tables.Count).Where(index => waitsFor[index] == 0).Select(index => (index, index)));
        var sorted = new List<TableModel>(tables.Count);
        while (ready.TryDequeue(out var index, out _))
        {
            sorted.Add(tables[index]);
            foreach (var child in children[tables[index].Name])
            {
                waitsFor[child]--;
                if (waitsFor[child] == 0)
                {
                    ready.Enqueue(child, child);
                }
            }
        }

        return sorted.Count == tables.Count ? sorted : throw CycleError(tables, position, waitsFor, source);
    }

    private static IEnumerable<string> ParentsOf(TableModel table) =>
        table.ForeignKeys.Select(key => key.ParentTable).Distinct(StringComparer.Ordinal);

    /// <summary>Every table left over waits for another one left over; following these leads into a cycle.</summary>
    private static StreamingException CycleError(
        IReadOnlyList<TableModel> tables, Dictionary<string, int> position, int[] waitsFor, string source)
    {
        var path = new List<string>();
        var current = tables[Array.FindIndex(waitsFor, count => count > 0)].Name;
        while (!path.Contains(current, StringComparer.Ordinal))
        {
            path.Add(current);
            current = ParentsOf(tables[position[current]]).First(parent => waitsFor[position[parent]] > 0);
        }

        var cycle = path.SkipWhile(name => name != current).Append(current);
        var column = tables[position[current]].ForeignKeys
            .First(key => waitsFor[position[key.ParentTable]] > 0).Columns[0];
        return MetadataError.At(
            source,
            $"{current}.{column}",
            $"the foreign keys run in a cycle: {string.Join(" -> ", cycle)}",
            "Take one of these foreign keys out.");
    }
}
