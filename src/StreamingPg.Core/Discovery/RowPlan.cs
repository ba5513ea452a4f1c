using System.Text.Json.Nodes;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Discovery;

/// <summary>How many rows a batch of the described tables has: children per parent as they are, and with a scale the rows of every table.</summary>
internal sealed class RowPlan
{
    // The children of fewer rows than this vary too much to follow from their parents.
    private const int FewRows = 30;

    // Where parents are rounded up, or a sample misses the busiest, the rows of a table count more than the children per parent.
    private const double Tolerance = 0.25;

    private readonly TableSelection _selection;
    private readonly Dictionary<string, ChildSpread> _spreads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _expected = new(StringComparer.Ordinal);

    private RowPlan(TableSelection selection) => _selection = selection;

    /// <summary>A plan that says nothing.</summary>
    public static RowPlan Nothing(TableSelection selection) => new(selection);

    /// <summary>Reads how children are spread over their parents and, for a scale, how many rows there are.</summary>
    /// <param name="open">An open connection.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="selection">Its tables that are described.</param>
    /// <param name="scale">Rows of the batch for each existing row; null if the metadata shall not say.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<RowPlan> ReadAsync(
        NpgsqlConnection open, string schema, TableSelection selection, double? scale, CancellationToken cancellationToken)
    {
        var plan = new RowPlan(selection);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var commands = new CommandBatch(open);
        foreach (var table in scale is null ? [] : selection.Tables)
        {
            commands.Query($"SELECT count(*) FROM {Identifier.Quote(schema, table.Name)}", row => counts[table.Name] = row.GetInt64(0));
        }

        if (counts.Count > 0 || scale is not null)
        {
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        var sizes = await TableSample.EstimateAsync(open, schema, selection.Tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        foreach (var (table, count) in counts)
        {
            sizes[table] = sizes.GetValueOrDefault(table) with { Rows = count };
        }

        foreach (var table in selection.Tables)
        {
            await plan.ReadSpreadAsync(open, table, sizes, cancellationToken).ConfigureAwait(false);
        }

        if (scale is { } factor)
        {
            plan.ScaleRows(counts, factor);
        }

        return plan;
    }

    /// <summary>Adds it to the metadata of a table.</summary>
    public void AddTo(JsonObject json, string table)
    {
        if (_spreads.TryGetValue(table, out var spread))
        {
            json["per_parent"] = spread.ToJson();
        }
        else if (_rows.TryGetValue(table, out var rows))
        {
            json["rows_per_batch"] = rows;
        }
    }

    private async Task ReadSpreadAsync(
        NpgsqlConnection open, LiveTable table, Dictionary<string, TableSize> sizes, CancellationToken cancellationToken)
    {
        if (Deals(table).MaxBy(key => sizes.GetValueOrDefault(key.ParentTable).Rows ?? 0) is not { } key)
        {
            return;
        }

        var (isOptional, counts) = (false, new List<(long, long)>());
        var commands = new CommandBatch(open);
        foreach (var column in key.Columns.Where(column => table.Find(column)!.TakesNull))
        {
            commands.Query(
                $"SELECT EXISTS (SELECT FROM {Identifier.Quote(key.Schema, key.Table)} WHERE {Identifier.Quote(column)} IS NULL)", row => isOptional |= row.GetBoolean(0));
        }

        commands.Query(ChildSpread.Sql(key, table, sizes.GetValueOrDefault(key.ParentTable)), row => counts.Add((row.GetInt64(0), row.GetInt64(1))));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (counts.Count == 0)
        {
            // The pages of a sample may all be empty.
            var whole = new CommandBatch(open);
            whole.Query(ChildSpread.Sql(key, table, default), row => counts.Add((row.GetInt64(0), row.GetInt64(1))));
            await whole.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        var spread = new ChildSpread(key, counts);
        if (!isOptional && spread.Mean > 0 && counts[^1].Item1 <= 1_000_000)
        {
            _spreads[table.Name] = spread;
        }
    }

    /// <summary>
    /// The keys by which rows can follow from their parents: alone to their parent, not back in a cycle, no unique key by themselves or
    /// with others, and not to a table to which another parent leads as well.
    /// </summary>
    private IEnumerable<LiveForeignKey> Deals(LiveTable table)
    {
        var keys = table.ForeignKeys.Where(key => key.ParentTable != table.Name && key.ParentSchema == key.Schema && _selection.IsKept(key)).ToList();
        var referring = keys.SelectMany(key => key.Columns).ToHashSet(StringComparer.Ordinal);
        return keys.Where(key => keys.Count(other => other.ParentTable == key.ParentTable) == 1
            && !_selection.Leads(key.ParentTable, table.Name)
            && !keys.Exists(other => other != key && _selection.Leads(other.ParentTable, key.ParentTable))
            && !table.UsableIndexes.Any(index => index.IsUnique && index.Columns.Any(key.Columns.Contains) && index.Columns.All(referring.Contains)));
    }

    private void ScaleRows(Dictionary<string, long> counts, double scale)
    {
        foreach (var table in ParentsFirst())
        {
            var count = counts[table.Name];
            var rows = count == 0 ? 0 : Math.Max(1, (long)Math.Round(count * scale, MidpointRounding.AwayFromZero));
            rows = Math.Min(rows, MostUnique(table));

            // A table of a cycle may come before its parent: its rows cannot follow from those.
            var followed = _spreads.TryGetValue(table.Name, out var spread) && _expected.TryGetValue(spread.Key.ParentTable, out var parents) ? spread.Mean * parents : 0;
            if (rows < FewRows || Math.Abs(followed - rows) > Tolerance * rows)
            {
                _spreads.Remove(table.Name);
                followed = rows;
            }

            (_rows[table.Name], _expected[table.Name]) = (rows, followed);
        }
    }

    /// <summary>Of fewer parents there are fewer combinations.</summary>
    private long MostUnique(LiveTable table)
    {
        var keys = table.ForeignKeys.Where(key => key.ParentTable != table.Name && _rows.ContainsKey(key.ParentTable)).ToList();
        var most = long.MaxValue;
        foreach (var index in table.UsableIndexes.Where(index => index.IsUnique))
        {
            var within = keys.FindAll(key => key.Columns.All(index.Columns.Contains));
            if (within.Count > 0 && index.Columns.All(column => within.Exists(key => key.Columns.Contains(column))))
            {
                var combinations = within.Aggregate(1m, (product, key) => Math.Min(product * _rows[key.ParentTable], long.MaxValue));
                most = Math.Min(most, (long)(within.Count == 1 ? combinations : Math.Max(1, combinations / 2)));
            }
        }

        return most;
    }

    /// <summary>The tables, each after those that it refers to; those of a cycle as they come.</summary>
    private IEnumerable<LiveTable> ParentsFirst()
    {
        var rest = _selection.Tables.ToList();
        while (rest.Count > 0)
        {
            var next = rest.Find(table => table.ForeignKeys.TrueForAll(key => key.ParentTable == table.Name || !rest.Exists(other => other.Name == key.ParentTable)))
                ?? rest.Find(IsInCycle) ?? rest[0];
            rest.Remove(next);
            yield return next;
        }
    }

    private bool IsInCycle(LiveTable table) =>
        table.ForeignKeys.Exists(key => key.ParentTable != table.Name && _selection.IsKept(key) && _selection.Leads(key.ParentTable, table.Name));
}
