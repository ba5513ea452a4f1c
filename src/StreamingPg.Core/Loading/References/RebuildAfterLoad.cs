using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Drops the foreign keys and the plain indexes of empty tables and builds them again after the load, in the same transaction:
/// PostgreSQL then checks each key by one query over the whole table, and sorts each index instead of inserting row by row. For
/// roles that may not check by set otherwise but own the tables.
/// </summary>
internal sealed class RebuildAfterLoad
{
    // Keys whose triggers somebody has switched off, or put a comment on, would come back other than they were.
    private const string ForeignKeySql =
        """
        SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid)
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND k.contype = 'f'
        ORDER BY c.relname, k.conname
        """;

    // What a key or a constraint stands on stays, and so does an index that would come back other than it was: pg_get_indexdef
    // says nothing of these properties. Making an index needs the right to create in the schema, dropping one does not.
    private const string IndexSql =
        """
        SELECT i.relname::text, pg_get_indexdef(i.oid)
        FROM pg_catalog.pg_index x
        JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
        JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND has_schema_privilege(n.oid, 'CREATE')
          AND NOT x.indisunique AND NOT x.indisexclusion AND x.indisvalid AND NOT x.indisclustered AND NOT x.indisreplident
          AND i.reltablespace = 0 AND obj_description(i.oid, 'pg_class') IS NULL
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL))
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_depend d
              WHERE (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.oid)
                 OR (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.oid AND d.deptype IN ('e', 'x')))
        ORDER BY c.relname, i.relname
        """;

    private const string ConditionSql =
        """
        SELECT COALESCE(bool_and(pg_has_role(c.relowner, 'USAGE') AND c.relkind = 'r' AND NOT c.relispartition), false)
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint k
               JOIN pg_catalog.pg_trigger t ON t.tgconstraint = k.oid
               WHERE k.conrelid = ANY (array_agg(c.oid)) AND k.contype = 'f'
                 AND (t.tgenabled <> 'O' OR obj_description(k.oid, 'pg_constraint') IS NOT NULL))
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    /// <summary>Fewer rows than this are not worth locking the tables for.</summary>
    public const long WorthwhileRows = 20_000;

    private readonly string _schema;
    private readonly string[] _tables;
    private readonly List<(string Table, string Name, string Definition)> _foreignKeys = [];
    private readonly List<(string Name, string Definition)> _indexes = [];

    public RebuildAfterLoad(string schema, StreamModel model)
    {
        _schema = schema;
        _tables = [.. model.Tables.Select(table => table.Name)];
    }

    /// <summary>What the result of such a batch says, once <see cref="DropAsync"/> has seen what there is to build.</summary>
    public ForeignKeyDecision Decision =>
        new(ForeignKeyCheck.Set, $"the tables were empty: their foreign keys{(_indexes.Count > 0 ? " and indexes" : "")} were built after the load");

    /// <summary>True when the role owns the tables and all of them are empty.</summary>
    public async Task<bool> IsPossibleAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var possible = false;
        var commands = new CommandBatch(open);
        commands.Query(ConditionSql, row => possible = row.GetBoolean(0), Parameter.Of(_schema), Parameter.Of(_tables));
        foreach (var table in _tables)
        {
            commands.Query($"SELECT EXISTS (SELECT FROM {Identifier.Quote(_schema, table)})", row => possible &= !row.GetBoolean(0));
        }

        // Two that have looked at the tables and then both want them for themselves would wait for each other.
        commands.Query(
            $"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Rebuild}, hashtext($1))",
            row => possible &= row.GetBoolean(0),
            Parameter.Of(_schema));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return possible;
    }

    /// <summary>Drops the foreign keys and indexes. Nobody else can use the tables until the transaction ends.</summary>
    public async Task DropAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        var read = new CommandBatch(open);
        read.Add($"LOCK TABLE {string.Join(", ", _tables.Select(table => Identifier.Quote(_schema, table)))} IN ACCESS EXCLUSIVE MODE");
        read.Query(
            ForeignKeySql,
            row => _foreignKeys.Add((row.GetString(0), row.GetString(1), row.GetString(2))),
            Parameter.Of(_schema),
            Parameter.Of(_tables));
        read.Query(
            IndexSql, row => _indexes.Add((row.GetString(0), row.GetString(1))), Parameter.Of(_schema), Parameter.Of(_tables));
        await read.ExecuteAsync(cancellationToken).ConfigureAwait(false);

        var drop = new CommandBatch(open);
        foreach (var (table, name, _) in _foreignKeys)
        {
            drop.Add($"ALTER TABLE {Identifier.Quote(_schema, table)} DROP CONSTRAINT {Identifier.Quote(name)}");
        }

        foreach (var (name, _) in _indexes)
        {
            drop.Add($"DROP INDEX {Identifier.Quote(_schema, name)}");
        }

        await drop.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Builds the indexes and foreign keys as they were; PostgreSQL refuses when a row refers to nothing.</summary>
    /// <param name="open">The connection of the transaction.</param>
    /// <param name="guard">Hears of each one that is built: all of them together may take longer than one silence may.</param>
    public async Task RestoreAsync(NpgsqlConnection open, Watchdog guard)
    {
        var settings = new CommandBatch(open);
        settings.Add("SET LOCAL maintenance_work_mem = '256MB'");
        settings.Add("SET LOCAL default_tablespace = ''");
        await settings.ExecuteAsync(guard.Token).ConfigureAwait(false);
        var foreignKeys = _foreignKeys.Select(key =>
            $"ALTER TABLE {Identifier.Quote(_schema, key.Table)} ADD CONSTRAINT {Identifier.Quote(key.Name)} {key.Definition}");
        foreach (var sql in _indexes.Select(index => index.Definition).Concat(foreignKeys))
        {
            var build = new CommandBatch(open);
            build.Add(sql);
            await build.ExecuteAsync(guard.Token).ConfigureAwait(false);
            guard.Moved();
        }
    }
}
