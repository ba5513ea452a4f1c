using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>
/// Reads how tables are stored, so that a model says of its tables what they are, whatever metadata says: the one door by which commands
/// learn of partitions, of Citus and of tools that look after partitions themselves.
/// </summary>
internal sealed class LayoutReader
{
    private const string Citus = "citus";
    private const string Partman = "pg_partman";
    private const string Timescale = "timescaledb";
    private const string TimescaleCatalog = "_timescaledb_catalog";

    // Partitions of the table itself; those below are of no interest here.
    private const string TablesSql =
        """
        SELECT c.relname::text,
               (SELECT a.attname::text FROM pg_catalog.pg_partitioned_table p
                JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
                WHERE p.partrelid = c.oid AND p.partstrat = 'r' AND p.partnatts = 1),
               ARRAY(SELECT l.relname::text FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class l ON l.oid = i.inhrelid
                     WHERE i.inhparent = c.oid AND c.relkind = 'p' ORDER BY l.relname DESC LIMIT 50),
               c.relkind = 'p' AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class l ON l.oid = i.inhrelid
                     WHERE i.inhparent = c.oid AND pg_get_expr(l.relpartbound, l.oid) <> 'DEFAULT')
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        """;

    private const string ExtensionsSql =
        """
        SELECT e.extname::text, n.nspname::text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname IN ('citus', 'pg_partman', 'timescaledb')
        """;

    private const string DistributionSql =
        """
        SELECT c.relname::text, CASE WHEN d.partmethod = 'h' THEN pg_catalog.column_to_column_name(d.logicalrelid, d.partkey) END
        FROM pg_catalog.pg_dist_partition d JOIN pg_catalog.pg_class c ON c.oid = d.logicalrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND (d.partmethod = 'h' OR (d.partmethod = 'n' AND d.repmodel = 't'))
        """;

    private static readonly ConditionalWeakTable<NpgsqlDataSource, ConcurrentDictionary<(string Schema, StreamModel Model), StreamModel>> Known = [];

    private readonly Dictionary<string, TableLayout> _layouts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _extensions = new(StringComparer.Ordinal);

    private LayoutReader()
    {
    }

    /// <summary>The model with its tables stored as they are in the database; itself when all of them are plain. Tables that are missing stay as they are.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<StreamModel> ReadAsync(NpgsqlConnection open, string schema, StreamModel model, CancellationToken cancellationToken)
    {
        var reader = new LayoutReader();
        string[] names = [.. model.Tables.Select(table => table.Name)];
        var layouts = await reader.ReadAsync(open, schema, names, model, cancellationToken).ConfigureAwait(false);
        return model.Tables.All(table => Same(table.Layout, layouts.GetValueOrDefault(table.Name)))
            ? model
            : model.With(table => layouts.TryGetValue(table.Name, out var layout) && !Same(table.Layout, layout) ? table with { Layout = layout } : table);
    }

    /// <summary>Those of some tables that Citus distributes, with copies on every server or in shards.</summary>
    public static async Task<IReadOnlyList<string>> FindDistributedAsync(NpgsqlConnection open, string schema, string[] names, CancellationToken cancellationToken)
    {
        var layouts = await new LayoutReader().ReadAsync(open, schema, names, new StreamModel([]), cancellationToken).ConfigureAwait(false);
        return [.. names.Where(name => layouts.GetValueOrDefault(name)?.Distribution is not null)];
    }

    /// <summary>The same, in a session of its own.</summary>
    public static async Task<StreamModel> ReadAsync(DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(session.Open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, remembered for the batches of a stream until <see cref="Forget"/>.</summary>
    public static async Task<StreamModel> GetAsync(DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        var known = Known.GetOrCreateValue(connection.DataSource);
        return known.TryGetValue((connection.Schema, model), out var stored)
            ? stored
            : known[(connection.Schema, model)] = await ReadAsync(connection, model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets what is remembered: something was not as expected.</summary>
    public static void Forget(DatabaseConnection connection, StreamModel model) =>
        Known.GetOrCreateValue(connection.DataSource).TryRemove((connection.Schema, model), out _);

    // A table that is missing keeps the layout that it is to get.
    private static bool Same(TableLayout wanted, TableLayout? live) => live is null || wanted == live;

    private async Task<Dictionary<string, TableLayout>> ReadAsync(
        NpgsqlConnection open, string schema, string[] names, StreamModel model, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(TablesSql, row => Add(row, model), Parameter.Of(schema), Parameter.Of(names));
        commands.Query(ExtensionsSql, row => _extensions.Add(row.GetString(0), row.GetString(1)));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (_extensions.ContainsKey(Citus))
        {
            await ReadDistributionAsync(open, schema, names, cancellationToken).ConfigureAwait(false);
        }

        await ReadOwnersAsync(open, schema, names, cancellationToken).ConfigureAwait(false);
        return _layouts;
    }

    private void Add(NpgsqlDataReader row, StreamModel model)
    {
        var name = row.GetString(0);
        var interval = row.GetFieldValue<string[]>(2).Select(PartitionPeriod.Read).OfType<(PartitionInterval Interval, PartitionPeriod)>()
            .Select(found => (PartitionInterval?)found.Interval).FirstOrDefault();

        // No partition tells yet; then metadata does.
        interval ??= row.GetBoolean(3) ? model.Find(name)?.Layout.Partition?.Interval : null;
        _layouts[name] = row.IsDBNull(1) ? TableLayout.Plain : new TableLayout { Partition = new PartitionModel(row.GetString(1), interval) };
    }

    private async Task ReadDistributionAsync(NpgsqlConnection open, string schema, string[] names, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(
            DistributionSql,
            row => _layouts[row.GetString(0)] = _layouts[row.GetString(0)] with { Distribution = new DistributionLayout(row.IsDBNull(1) ? null : row.GetString(1)) },
            Parameter.Of(schema),
            Parameter.Of(names));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tools that look after partitions: what they own is theirs to create and to drop.</summary>
    private async Task ReadOwnersAsync(NpgsqlConnection open, string schema, string[] names, CancellationToken cancellationToken)
    {
        if (_extensions.TryGetValue(Partman, out var partman) && Identifier.Quote(partman, "part_config") is var config
            && await MayReadAsync(open, partman, ["part_config"], cancellationToken).ConfigureAwait(false))
        {
            await ReadOwnersAsync(
                open,
                $"SELECT t.name, NULL FROM unnest($2) AS t (name) WHERE $1 || '.' || t.name IN (SELECT parent_table::text FROM {config})",
                Partman,
                schema,
                names,
                cancellationToken).ConfigureAwait(false);
        }

        if (_extensions.ContainsKey(Timescale) && await MayReadAsync(open, TimescaleCatalog, ["hypertable", "dimension"], cancellationToken).ConfigureAwait(false))
        {
            await ReadOwnersAsync(
                open,
                $"""
                SELECT h.table_name::text, d.column_name::text
                FROM {TimescaleCatalog}.hypertable h JOIN {TimescaleCatalog}.dimension d ON d.hypertable_id = h.id
                WHERE h.schema_name = $1 AND h.table_name = ANY ($2) AND d.interval_length IS NOT NULL
                """,
                "TimescaleDB",
                schema,
                names,
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the role may read all of some tables; to_regclass would be an error without USAGE on their schema.</summary>
    private static async Task<bool> MayReadAsync(NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken)
    {
        var mayRead = false;
        var commands = new CommandBatch(open);
        commands.Query(
            """
            SELECT count(*) = cardinality($2)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = ANY ($2)
                AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
            """,
            row => mayRead = row.GetBoolean(0),
            Parameter.Of(schema),
            Parameter.Of(tables));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return mayRead;
    }

    /// <summary>The tables that a tool owns, with the column that only it knows to partition by.</summary>
    private async Task ReadOwnersAsync(
        NpgsqlConnection open, string sql, string owner, string schema, string[] names, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(
            sql,
            row =>
            {
                if (!_layouts.TryGetValue(row.GetString(0), out var layout))
                {
                    return; // the tool has kept its entry of a table that is gone
                }

                var column = row.IsDBNull(1) ? layout.Partition?.Column : row.GetString(1);
                _layouts[row.GetString(0)] = column is null ? layout : layout with { Partition = new PartitionModel(column, Interval: null) { Owner = owner } };
            },
            Parameter.Of(schema),
            Parameter.Of(names));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
