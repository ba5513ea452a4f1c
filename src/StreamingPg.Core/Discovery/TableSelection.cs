using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>
/// Decides which tables of a live schema metadata can describe, and with which of their columns. What cannot be filled is left
/// out with a note; a table that must refer to one left out is left out too.
/// </summary>
internal sealed class TableSelection
{
    private readonly DatabaseConnection _connection;
    private readonly DiscoveryOptions _options;
    private readonly List<LiveTable> _tables;
    private readonly Dictionary<string, LiveTable> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _leftOut = new(StringComparer.Ordinal);
    private readonly List<DiscoveryNote> _notes = [];
    private Dictionary<string, List<LiveForeignKey>>? _keys;

    private TableSelection(DatabaseConnection connection, LiveSchema schema, DiscoveryOptions options)
    {
        _connection = connection;
        _options = options;
        _tables = [.. schema.Tables.Values.Where(table => table.Name != LedgerTable.Name && !(options.ForFilling && table.IsView))];
    }

    /// <summary>The tables that are kept, in the order of the schema.</summary>
    public IEnumerable<LiveTable> Tables => _tables.Where(table => _kept.ContainsKey(table.Name));

    /// <summary>What was left out.</summary>
    public IReadOnlyList<DiscoveryNote> Notes => _notes;

    /// <summary>Tables that must refer to each other in a circle; only where they are to be filled, which one statement can do.</summary>
    public HashSet<string> AtOnce { get; } = new(StringComparer.Ordinal);

    /// <summary>The partitions that tables need to take a row, by table; only where they are to be filled.</summary>
    public IReadOnlyDictionary<string, MissingPartition> MissingPartitions => Tables.Select(table => (table.Name, Missing: FirstPartition(table)))
        .Where(table => table.Missing is not null).ToDictionary(table => table.Name, table => table.Missing!, StringComparer.Ordinal);

    /// <summary>Selects tables.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="options">The tables requested, to which their parents are added, and what for.</param>
    /// <exception cref="StreamingException">A table that was requested is not there or cannot be filled, or none can.</exception>
    public static TableSelection Make(DatabaseConnection connection, LiveSchema schema, DiscoveryOptions options)
    {
        var selection = new TableSelection(connection, schema, options);
        foreach (var table in options.Tables.Count == 0 ? selection._tables : selection.WithParents(options.Tables))
        {
            selection.Consider(table);
        }

        selection.DropWhatRefersToNothing();
        if (selection.DropCycles())
        {
            selection.DropWhatRefersToNothing();
        }

        selection.CheckAsked(options.Tables, options.ForFilling);
        return selection;
    }

    /// <summary>True when metadata has the column.</summary>
    public bool Has(LiveTable table, string column) => table.Find(column) is not null && !_leftOut[table.Name].Contains(column);

    /// <summary>A table that is kept.</summary>
    public LiveTable Table(string name) => _kept[name];

    private IEnumerable<LiveTable> WithParents(IReadOnlyList<string> asked)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(asked);
        while (open.TryPop(out var name))
        {
            var table = _tables.Find(candidate => candidate.Name == name) ?? throw MissingTable.Error(_connection, _connection.Schema, name, MetadataError.Suggest(name, [.. _tables.Select(other => other.Name)]));
            if (found.Add(name))
            {
                table.ForeignKeys.Where(IsInSchema).ToList().ForEach(key => open.Push(key.ParentTable));
            }
        }

        return _tables.Where(table => found.Contains(table.Name));
    }

    private void Consider(LiveTable table)
    {
        _leftOut[table.Name] = [];
        if (WhyNot(table) is { } note)
        {
            _notes.Add(note);
            return;
        }

        _kept.Add(table.Name, table);
        LeaveOutRepeatedKeys(table, _options.ForFilling);
        LeaveOutFurtherSequences(table);
        foreach (var column in table.Columns.Where(column => column.Type is null))
        {
            if (!LeaveOut(table, column, $"its type {column.TypeName} cannot be generated", "Give the column a default, or allow NULL"))
            {
                break;
            }
        }
    }

    private DiscoveryNote? WhyNot(LiveTable table)
    {
        if (_options.LeftOut.FirstOrDefault(note => note.Table == table.Name) is { } known)
        {
            return known;
        }

        if (!_options.ForFilling && FirstPartition(table) is { } partition)
        {
            return partition.Note;
        }

        if (!table.IsTable)
        {
            return new DiscoveryNote(table.Name, null, $"it is a {table.Kind}, which cannot be filled.", "Use its base tables.");
        }

        if (!table.CanSelect || !table.CanInsert)
        {
            string[] missing = [.. table.CanSelect ? Array.Empty<string>() : ["SELECT"], .. table.CanInsert ? Array.Empty<string>() : ["INSERT"]];
            return new DiscoveryNote(
                table.Name,
                null,
                $"the role lacks {string.Join(" and ", missing)} on it.",
                GrantAdvice.Use(string.Join(", ", missing), GrantKind.Table, _connection.Quote(table.Name), _connection));
        }

        return null;
    }

    /// <summary>The partition that a table without any needs to take a row; null for every other table.</summary>
    private MissingPartition? FirstPartition(LiveTable table)
    {
        if (!table.IsPartitioned || table.Partitions.Exists(partition => partition.IsLeaf))
        {
            return null;
        }

        var name = Identifier.WhyInvalid($"{table.Name}_default") is null ? $"{table.Name}_default" : "default_partition";
        var isByHash = table.PartitionKey?.StartsWith("HASH", StringComparison.Ordinal) == true;
        var sql = $"CREATE TABLE {_connection.Quote(name)} PARTITION OF {_connection.Quote(table.Name)} {(isByHash ? "FOR VALUES WITH (MODULUS 1, REMAINDER 0)" : "DEFAULT")};";
        return new MissingPartition(name, sql, new DiscoveryNote(
            table.Name, null, $"it is partitioned by {table.PartitionKey} but has no partition yet.", $"Create its partitions, or one for all rows: {sql}"));
    }

    /// <summary>A table may have one column whose sequence we reserve; of a second one the server's own default is as good, unless it refers to a parent.</summary>
    private void LeaveOutFurtherSequences(LiveTable table)
    {
        var sequences = table.Columns.Where(column => column.HasSequence && !table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name, StringComparer.Ordinal)))
            .OrderByDescending(column => table.PrimaryKey.Contains(column.Name, StringComparer.Ordinal)).Skip(1);
        _leftOut[table.Name].UnionWith(sequences.Select(column => column.Name));
    }

    /// <summary>Leaves a column out, or the whole table when it must have a value of ours.</summary>
    /// <returns>True when the table is kept.</returns>
    private bool LeaveOut(LiveTable table, LiveColumn column, string reason, string remedy)
    {
        var isFilled = column.HasDefault || (table.HasInsertTrigger && !table.PrimaryKey.Contains(column.Name, StringComparer.Ordinal));
        if (column.TakesNull || isFilled)
        {
            _leftOut[table.Name].Add(column.Name);
            var filler = column.IsGenerated ? "the server computes it" : column.HasDefault ? "it gets its default"
                : table.HasInsertTrigger ? "a trigger may fill it" : "it stays NULL";
            _notes.Add(new DiscoveryNote(table.Name, column.Name, $"{reason}; {filler}.", ""));
            return true;
        }

        _kept.Remove(table.Name);
        _notes.Add(new DiscoveryNote(table.Name, column.Name, $"{reason}, but it is NOT NULL: the table is left out.", $"{remedy}."));
        return false;
    }

    private void DropWhatRefersToNothing()
    {
        bool changed;
        do
        {
            changed = false;
            foreach (var table in _kept.Values.ToList())
            {
                var broken = table.ForeignKeys.FirstOrDefault(key =>
                    key.Columns.All(column => Has(table, column)) && !IsOutside(key) && !(HasParent(key) && OtherType(table, key) is null));
                if (broken is not null)
                {
                    changed = true;
                    DropKey(table, broken);
                }
            }
        }
        while (changed);
    }

    /// <summary>
    /// A foreign key that is declared twice is one key, which may wait for the end of the transaction where both may. To fill tables, a key
    /// is left out too that a wider one to the same table keeps.
    /// </summary>
    private static void LeaveOutRepeatedKeys(LiveTable table, bool forFilling)
    {
        var different = table.ForeignKeys.OrderBy(key => key.IsDeferrable)
            .DistinctBy(key => $"{key.ParentSchema}\u001f{key.ParentTable}\u001f{string.Join('\u001f', key.Columns.Zip(key.ParentColumns).Order())}").ToHashSet();
        table.ForeignKeys.RemoveAll(key => !different.Contains(key)
            || (forFilling && different.Any(other => other.Columns.Count > key.Columns.Count && other.Implies(key)
                && other.Columns.Except(key.Columns).All(column => table.Find(column) is { TakesNull: false }))));
    }

    /// <summary>
    /// Leaves tables out that must refer to each other in a circle: no row of any can be the first.
    /// </summary>
    /// <returns>True when there were any.</returns>
    private bool DropCycles()
    {
        var demanding = _kept.Values.ToDictionary(table => table.Name, table => table.ForeignKeys.Where(key => MustBeThere(table, key)).ToList(), StringComparer.Ordinal);
        var inCycle = demanding.Keys.Select(table => (Table: table, Key: demanding[table].Find(key => Leads(demanding, key.ParentTable, table))))
            .Where(entry => entry.Key is not null).ToList();
        foreach (var (table, key) in inCycle)
        {
            if (_options.ForFilling)
            {
                // The server looks at the keys when the statement ends, not when a row is written.
                AtOnce.Add(table);
                var keys = _kept[table].ForeignKeys;
                demanding[table].Where(other => Leads(demanding, other.ParentTable, table)).ToList()
                    .ForEach(other => keys[keys.IndexOf(other)] = other with { IsDeferrable = true });
                continue;
            }

            _kept.Remove(table);
            _notes.Add(new DiscoveryNote(
                table,
                key!.Columns[0],
                $"it must refer to {Identifier.Quote(key.ParentTable)}, which must refer back to it, straight or through others: no row can be the first, and the table is left out.",
                $"Let the server look at the end of the transaction: ALTER TABLE {_connection.Quote(table)} ALTER CONSTRAINT {Identifier.Quote(key.Name)} DEFERRABLE; or allow NULL."));
        }

        return inCycle.Count > AtOnce.Count;
    }

    /// <summary>True for a key whose parent must be there before the row.</summary>
    private bool MustBeThere(LiveTable table, LiveForeignKey key) =>
        key.ParentTable != table.Name
        && IsInSchema(key)
        && !key.IsDeferrable
        && key.Columns.All(column => Has(table, column))
        && (table.PrimaryKey.Count == 0 || !key.Columns.Any(column => table.Find(column)!.TakesNull && !table.PrimaryKey.Contains(column, StringComparer.Ordinal)
            && !table.ForeignKeys.Exists(other => other != key && other.Columns.Contains(column, StringComparer.Ordinal))));

    /// <summary>True when metadata has a foreign key, its parent and the columns of both.</summary>
    public bool IsKept(LiveForeignKey key) =>
        _kept.TryGetValue(key.Table, out var table) && key.Columns.All(column => Has(table, column)) && HasParent(key);

    /// <summary>True when the foreign keys that metadata has lead from one table to another.</summary>
    public bool Leads(string from, string to)
    {
        _keys ??= _kept.Values.ToDictionary(table => table.Name, table => table.ForeignKeys.Where(IsKept).ToList(), StringComparer.Ordinal);
        return Leads(_keys, from, to);
    }

    private static bool Leads(Dictionary<string, List<LiveForeignKey>> keys, string from, string to)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { from };
        var open = new Stack<string>([from]);
        while (open.TryPop(out var table))
        {
            if (table == to)
            {
                return true;
            }

            foreach (var parent in keys.GetValueOrDefault(table, []).Select(key => key.ParentTable).Where(seen.Add))
            {
                open.Push(parent);
            }
        }

        return false;
    }

    private void DropKey(LiveTable table, LiveForeignKey key)
    {
        var reason = !IsInSchema(key) ? $"it refers to {Identifier.Quote(key.ParentSchema, key.ParentTable)} in another schema"
            : !HasParent(key) ? $"it refers to {Identifier.Quote(key.ParentTable)}, which is left out"
            : OtherType(table, key)!;
        var columns = key.Columns.Select(name => table.Find(name)!).ToList();

        // Where one column of a key is NULL, nothing is referred to.
        LeaveOut(table, columns.Find(column => column.TakesNull) ?? columns[0], reason, "Allow NULL, or remove the foreign key");
    }

    private bool HasParent(LiveForeignKey key) =>
        IsInSchema(key) && _kept.TryGetValue(key.ParentTable, out var parent) && key.ParentColumns.All(column => Has(parent, column));

    /// <summary>Which types of a key's columns differ so much that metadata does not let them refer; null when none do.</summary>
    private static string? OtherType(LiveColumn own, LiveColumn parent, string table) => own.Type!.CanReferTo(parent.Type!)
        ? null
        : $"its type is {own.Type.ToSql()}, but it refers to {Identifier.Quote(table, parent.Name)}, which is {parent.Type!.ToSql()}";

    private string? OtherType(LiveTable table, LiveForeignKey key) => key.Columns.Zip(key.ParentColumns)
        .Select(pair => OtherType(table.Find(pair.First)!, _kept[key.ParentTable].Find(pair.Second)!, key.ParentTable))
        .FirstOrDefault(reason => reason is not null);

    /// <summary>True for a key to a table of another schema, from whose rows the values can be chosen: of several columns, no other key may have a say in them.</summary>
    public bool IsOutside(LiveForeignKey key) => !IsInSchema(key)
        && (key.Columns.Count == 1 || !_tables.Find(table => table.Name == key.Table)!.ForeignKeys.Exists(other => other.Name != key.Name && other.Columns.Any(key.Columns.Contains)));

    private bool IsInSchema(LiveForeignKey key) => key.ParentSchema == _connection.Schema;

    private void CheckAsked(IReadOnlyList<string> asked, bool forFilling)
    {
        var missing = asked.FirstOrDefault(table => !_kept.ContainsKey(table));
        if (missing is null && (_kept.Count > 0 || forFilling))
        {
            return;
        }

        // The notes of its parents say why a table is left out that refers to them.
        var reasons = _notes.Where(note => !_kept.ContainsKey(note.Table)).Select(note => note.ToString()).ToList();
        throw new StreamingException(
            ErrorIds.TableNotFillable,
            StreamingErrorKind.SchemaMismatch,
            missing is null
                ? $"{_connection} has no table that can be filled."
                : $"Table \"{missing}\" in {_connection} cannot be filled.",
            string.Join(" ", reasons),
            missing ?? _connection.Schema);
    }
}
