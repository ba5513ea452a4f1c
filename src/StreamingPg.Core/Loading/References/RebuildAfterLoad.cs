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

    // Nothing is built on a table while a trigger of the user's, or a unique key, waits for the end of the transaction.
    private const string ConditionSql =
        """
        SELECT COALESCE(bool_and(pg_has_role(c.relowner, 'USAGE') AND c.relkind = 'r' AND NOT c.relispartition), false)
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint k
               JOIN pg_catalog.pg_trigger t ON t.tgconstraint = k.oid
               WHERE k.conrelid = ANY (array_agg(c.oid)) AND k.contype = 'f'
                 AND (t.tgenabled <> 'O' OR obj_description(k.oid, 'pg_constraint') IS NOT NULL))
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_trigger t LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
               WHERE t.tgrelid = ANY (array_agg(c.oid)) AND t.tgdeferrable AND k.contype IS DISTINCT FROM 'f')
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2)
        """;

    /// <summary>Fewer rows than this are not worth locking the tables for.</summary>
    private const long WorthwhileRows = 20_000;

    private readonly ChunkTransaction _transaction;
    private readonly string[] _tables;
    private readonly List<(string Table, string Name, string Definition)> _foreignKeys = [];
    private readonly List<(string Name, string Definition)> _indexes = [];

    private RebuildAfterLoad(ChunkTransaction transaction)
    {
        _transaction = transaction;
        _tables = [.. transaction.Model.Tables.Select(table => table.Name)];
    }

    private string Schema => _transaction.Schema;

    /// <summary>Drops the foreign keys and indexes where that may be and is worth it; null otherwise, and nothing is changed.</summary>
    public static async Task<RebuildAfterLoad?> BeginAsync(ChunkTransaction transaction)
    {
        var rebuild = new RebuildAfterLoad(transaction);
        if (!IsWorthwhile(transaction) || !await rebuild.IsPossibleAsync().ConfigureAwait(false))
        {
            return null;
        }

        await rebuild.DropAsync().ConfigureAwait(false);
        return rebuild;
    }

    private static bool IsWorthwhile(ChunkTransaction transaction) =>
        transaction.MakesPlan
        && transaction.Check == ForeignKeyCheck.Row
        && transaction.Request.Options.ForeignKeyCheck == ForeignKeyCheck.Auto
        && transaction.Plan.TotalRows >= WorthwhileRows;

    /// <summary>True when the role owns the tables and all of them are empty.</summary>
    private async Task<bool> IsPossibleAsync()
    {
        var possible = false;
        var commands = _transaction.NewCommands();
        commands.Query(ConditionSql, row => possible = row.GetBoolean(0), Parameter.Of(Schema), Parameter.Of(_tables));
        foreach (var table in _tables)
        {
            commands.Query($"SELECT EXISTS (SELECT FROM {Identifier.Quote(Schema, table)})", row => possible &= !row.GetBoolean(0));
        }

        // Two that have looked at the tables and then both want them for themselves would wait for each other.
        commands.Query(
            $"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Rebuild}, hashtext($1))",
            row => possible &= row.GetBoolean(0),
            Parameter.Of(Schema));
        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return possible;
    }

    /// <summary>Drops the foreign keys and indexes. Nobody else can use the tables until the transaction ends.</summary>
    private async Task DropAsync()
    {
        var read = _transaction.NewCommands();
        read.Add($"LOCK TABLE {string.Join(", ", _tables.Select(table => Identifier.Quote(Schema, table)))} IN ACCESS EXCLUSIVE MODE");
        read.Query(
            ForeignKeySql,
            row => _foreignKeys.Add((row.GetString(0), row.GetString(1), row.GetString(2))),
            Parameter.Of(Schema),
            Parameter.Of(_tables));
        read.Query(
            IndexSql, row => _indexes.Add((row.GetString(0), row.GetString(1))), Parameter.Of(Schema), Parameter.Of(_tables));
        await _transaction.ExecuteAsync(read).ConfigureAwait(false);

        var drop = _transaction.NewCommands();
        foreach (var (table, name, _) in _foreignKeys)
        {
            drop.Add($"ALTER TABLE {Identifier.Quote(Schema, table)} DROP CONSTRAINT {Identifier.Quote(name)}");
        }

        foreach (var (name, _) in _indexes)
        {
            drop.Add($"DROP INDEX {Identifier.Quote(Schema, name)}");
        }

        await _transaction.ExecuteAsync(drop).ConfigureAwait(false);
    }

    /// <summary>Builds the indexes and foreign keys as they were; PostgreSQL refuses when a row refers to nothing.</summary>
    public async Task RestoreAsync()
    {
        var settings = _transaction.NewCommands();
        settings.Add("SET LOCAL maintenance_work_mem = '256MB'");
        settings.Add("SET LOCAL default_tablespace = ''");
        await _transaction.ExecuteAsync(settings).ConfigureAwait(false);
        var foreignKeys = _foreignKeys.Select(key =>
            $"ALTER TABLE {Identifier.Quote(Schema, key.Table)} ADD CONSTRAINT {Identifier.Quote(key.Name)} {key.Definition}");

        // One after the other: all of them together may take longer than one silence may.
        foreach (var sql in _indexes.Select(index => index.Definition).Concat(foreignKeys))
        {
            var build = _transaction.NewCommands();
            build.Add(sql);
            await _transaction.ExecuteAsync(build).ConfigureAwait(false);
        }

        _transaction.Decision = new ForeignKeyDecision(
            ForeignKeyCheck.Set, $"the tables were empty: their foreign keys{(_indexes.Count > 0 ? " and indexes" : "")} were built after the load");
    }
}
