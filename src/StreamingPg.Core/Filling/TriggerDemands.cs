using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Filling;

/// <summary>
/// What the triggers of tables seem to ask of new rows: that columns have values of rows of other tables, which no foreign key says, or
/// one of some constants. It is a guess from the text of their functions, and used only where the server refuses rows without it.
/// </summary>
internal sealed class TriggerDemands
{
    // Both columns must be of one kind of type; what a name without a schema means is guessed: what stands nearest.
    private const string ResolveSql =
        """
        SELECT DISTINCT ON (w.place) w.place::int, n.nspname::text
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
            AS w (own_table, own_column, named, function_schema, parent, parent_column, place)
        JOIN pg_catalog.pg_namespace own ON own.nspname = $7
        JOIN pg_catalog.pg_class c ON c.relnamespace = own.oid AND c.relname = w.own_table
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = w.own_column AND NOT a.attisdropped
        JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
        JOIN pg_catalog.pg_class p ON p.relname = w.parent AND p.relkind IN ('r', 'p', 'm') AND p.oid <> c.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace AND CASE WHEN w.named <> '' THEN n.nspname = w.named ELSE n.nspname IN (own.nspname, w.function_schema, 'public') END
        JOIN pg_catalog.pg_attribute b ON b.attrelid = p.oid AND b.attname = w.parent_column AND NOT b.attisdropped
        JOIN pg_catalog.pg_type bt ON bt.oid = b.atttypid AND bt.typcategory = at.typcategory
        WHERE pg_catalog.has_table_privilege(p.oid, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        ORDER BY w.place, n.nspname = own.nspname DESC, n.nspname = w.function_schema DESC
        """;

    private const string TriggersSql =
        """
        SELECT c.relname::text, p.prosrc, pn.nspname::text,
               pg_catalog.string_to_array(pg_catalog.encode(g.tgargs, 'escape'), '\000')
        FROM pg_catalog.pg_trigger g
        JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
        JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
        WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A') AND g.tgtype & 4 = 4 AND c.relname = ANY($2)
        ORDER BY c.relname, g.tgname
        """;

    private readonly Dictionary<string, List<OutsideKeyModel>> _lookups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, IReadOnlyList<string>>> _constants = new(StringComparer.Ordinal);

    private readonly Dictionary<string, HashSet<string>> _added = new(StringComparer.Ordinal);

    private TriggerDemands()
    {
    }

    /// <summary>Triggers that ask for nothing.</summary>
    public static TriggerDemands None { get; } = new();

    /// <summary>Reads the triggers of tables.</summary>
    /// <param name="connection">The database and the schema.</param>
    /// <param name="tables">The tables with triggers.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<TriggerDemands> ReadAsync(DatabaseConnection connection, IReadOnlyList<TableModel> tables, CancellationToken cancellationToken)
    {
        var demands = new TriggerDemands();
        if (tables.Count == 0)
        {
            return demands;
        }

        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var lookups = new List<(TableModel Table, string FunctionSchema, TriggerComparison Lookup)>();
            var named = tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
            var triggers = new CommandBatch(session.Open);
            triggers.Query(
                TriggersSql,
                row =>
                {
                    var table = named[row.GetString(0)];
                    var compared = TriggerText.Read(row.GetString(1), row.GetFieldValue<string[]>(3)).Where(comparison => comparison.Columns.All(column => IsFree(table, column, comparison.Columns.Count == 1))).ToList();
                    lookups.AddRange(compared.Where(comparison => comparison.Table.Length > 0).Select(comparison => (table, row.GetString(2), comparison)));
                    demands._added.TryAdd(table.Name, new HashSet<string>(StringComparer.Ordinal));
                    demands._added[table.Name].UnionWith(TriggerText.Inserts(row.GetString(1)));
                    demands.AddConstants(table, compared.Where(comparison => comparison.Table.Length == 0));
                },
                Parameter.Of(connection.Schema),
                Parameter.Of(named.Keys.ToArray()));
            await triggers.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            await demands.AddLookupsAsync(session.Open, connection.Schema, lookups, cancellationToken).ConfigureAwait(false);
            return demands;
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "reading the triggers");
        }
    }

    /// <summary>The tables that the triggers of a table look rows up in.</summary>
    public IEnumerable<(string Schema, string Table)> Parents(string table) => _lookups.GetValueOrDefault(table, []).Select(key => (key.Schema, key.Table));

    /// <summary>A parent of a table to which the table's triggers add rows; or null.</summary>
    public string? AddedParent(TableModel table) =>
        table.ForeignKeys.FirstOrDefault(key => key.ParentTable != table.Name && _added.GetValueOrDefault(table.Name)?.Contains(key.ParentTable) == true)?.ParentTable;

    /// <summary>True when the triggers of a table seem to ask for something.</summary>
    public bool Knows(string table) => _lookups.ContainsKey(table) || _constants.ContainsKey(table);

    /// <summary>The table as its triggers seem to want it.</summary>
    public TableModel Of(TableModel table)
    {
        foreach (var (name, values) in _constants.GetValueOrDefault(table.Name, []))
        {
            table = table.With(table.Column(name) with { Values = [.. values.Select(value => new WeightedValue(value, 1))], Generator = null, Pattern = null });
        }

        // A row that is looked up has parents of its own: what it refers to may be referred to.
        var lookups = _lookups.GetValueOrDefault(table.Name, []);
        return table with { OutsideKeys = [.. table.OutsideKeys.Where(key => !lookups.Exists(lookup => key.Columns.All(lookup.Columns.Contains))), .. lookups] };
    }

    /// <summary>True for a column whose values nothing else determines.</summary>
    private static bool IsFree(TableModel table, string name, bool isAlone) =>
        table.HasColumn(name) && table.Column(name) is { IsAutoIncrement: false, IsLeftToServer: false, Values: null, HasRule: false } && !table.Refers(name)
        && !table.OutsideKeys.Any(key => (isAlone || key.Columns.Count > 1) && key.Columns.Contains(name, StringComparer.Ordinal));

    private void AddConstants(TableModel table, IEnumerable<TriggerComparison> compared)
    {
        foreach (var column in compared.GroupBy(comparison => comparison.Columns[0], StringComparer.Ordinal))
        {
            List<string> values = [.. column.SelectMany(comparison => comparison.Values).Where(value => value.Length > 0 && value.Length <= (table.Column(column.Key).Type.Length ?? value.Length)).Distinct()];
            if (table.Column(column.Key).Type is { IsText: true } && values.Count > 0 && !table.IsUniqueAlone(table.Column(column.Key)))
            {
                _constants.TryAdd(table.Name, new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));
                _constants[table.Name][column.Key] = [.. _constants[table.Name].GetValueOrDefault(column.Key, []).Union(values)];
            }
        }
    }

    private async Task AddLookupsAsync(
        NpgsqlConnection open, string schema, List<(TableModel Table, string FunctionSchema, TriggerComparison Lookup)> lookups, CancellationToken cancellationToken)
    {
        var pairs = lookups.SelectMany(lookup => lookup.Lookup.Columns.Zip(lookup.Lookup.ParentColumns, (column, parent) => (lookup, column, parent))).ToList();
        if (pairs.Count == 0)
        {
            return;
        }

        var found = new Dictionary<int, string>();
        var resolve = new CommandBatch(open);
        resolve.Query(
            ResolveSql,
            row => found.Add(row.GetInt32(0) - 1, row.GetString(1)),
            Parameter.Of(pairs.Select(pair => pair.lookup.Table.Name).ToArray()),
            Parameter.Of(pairs.Select(pair => pair.column).ToArray()),
            Parameter.Of(pairs.Select(pair => pair.lookup.Lookup.Schema).ToArray()),
            Parameter.Of(pairs.Select(pair => pair.lookup.FunctionSchema).ToArray()),
            Parameter.Of(pairs.Select(pair => pair.lookup.Lookup.Table).ToArray()),
            Parameter.Of(pairs.Select(pair => pair.parent).ToArray()),
            Parameter.Of(schema));
        await resolve.ExecuteAsync(cancellationToken).ConfigureAwait(false);

        foreach (var lookup in pairs.Select((pair, index) => (pair, Schema: found.GetValueOrDefault(index))).Where(entry => entry.Schema is not null).GroupBy(entry => entry.pair.lookup))
        {
            var keys = _lookups.GetValueOrDefault(lookup.Key.Table.Name) ?? (_lookups[lookup.Key.Table.Name] = []);
            List<string> columns = [.. lookup.Select(entry => entry.pair.column)];
            if (!keys.Exists(key => key.Columns.Any(columns.Contains)))
            {
                keys.Add(new OutsideKeyModel(columns, lookup.First().Schema!, lookup.Key.Lookup.Table, [.. lookup.Select(entry => entry.pair.parent)]));
            }
        }
    }
}
