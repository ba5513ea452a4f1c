using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Rights;

/// <summary>Reads the rights of a connection's role on the schema, the model's tables and the ledger.</summary>
internal static class RightsReader
{
    private const string RunInitialize = "Run Initialize-StreamingSchema (streamingpg init).";

    private const string SchemaSql =
        """
        SELECT n.oid IS NOT NULL,
               coalesce(has_schema_privilege(n.oid, 'USAGE'), false),
               coalesce(has_schema_privilege(n.oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE'))
        FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = $1
        """;

    // A serial column's sequence depends on the column (deptype 'a'), an identity's is internal to it ('i').
    private const string TablesSql =
        """
        SELECT c.relname::text,
               has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'), has_any_column_privilege(c.oid, 'UPDATE'),
               coalesce((SELECT bool_and(has_sequence_privilege(s.oid, 'USAGE'))
                         FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                           AND d.refobjid = c.oid AND d.deptype = 'a'), true)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        """;

    /// <summary>Reads the rights.</summary>
    public static async Task<Rights> ReadAsync(
        NpgsqlConnection opened, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        var (exists, usage, create) = await ReadSchemaAsync(opened, connection, cancellationToken).ConfigureAwait(false);
        if (!exists)
        {
            var name = Identifier.Quote(connection.Schema);
            var database = Identifier.Quote(opened.Database);
            return new Rights
            {
                CanCreate = create,
                Missing =
                [
                    $"Schema {name} does not exist. {RunInitialize}",
                    .. create ? Array.Empty<string>() : [$"The role may not create it. {GrantAdvice.Use("CREATE", "DATABASE", database, connection)}"],
                ],
            };
        }

        if (!usage)
        {
            var advice = GrantAdvice.Use("USAGE, CREATE", "SCHEMA", Identifier.Quote(connection.Schema), connection);
            return new Rights { SchemaExists = true, CanCreate = create, Missing = [$"The role may not use the schema. {advice}"] };
        }

        var tables = await ReadTablesAsync(opened, connection, model, cancellationToken).ConfigureAwait(false);
        var mayTurnTriggersOff = await MaySetReplicationRoleAsync(opened, cancellationToken).ConfigureAwait(false);
        var restricted = await RowSecurity.ReadAsync(opened, connection.Schema, Names(model), cancellationToken).ConfigureAwait(false);
        var missing = Missing(tables, connection, model, create);
        missing.AddRange(restricted.Where(table => !table.MayRead || !table.MayAdd).Select(table => MissingPolicy(table, connection)));
        return new Rights
        {
            SchemaExists = true,
            CanCreate = create,
            CanLoad = missing.Count == 0,
            CanCheckBySet = mayTurnTriggersOff && Parents(model).All(parent => tables.TryGetValue(parent, out var rights) && rights.Update),
            RowSecurity = [.. restricted.Select(table => Meaning(table, connection))],
            Missing = missing,
        };
    }

    private static string[] Names(StreamModel model) => [.. model.Tables.Select(table => table.Name), LedgerTable.Name];

    private static string Meaning(RowSecurity table, DatabaseConnection connection) =>
        $"Row-level security applies to this role on {connection.Quote(table.Table)}{(table.IsOwner ? ", which it owns (FORCE)" : "")}: "
        + (table.MayRead ? "the role sees only rows that policies allow" : "no policy lets the role see rows")
        + (table.MayAdd ? ", and can add only rows that policies allow" : ", and no policy lets it add rows")
        + ". Batches and imports use INSERT instead of COPY; integrity and growth cover visible rows only.";

    private static string MissingPolicy(RowSecurity table, DatabaseConnection connection) =>
        $"Row-level security of {connection.Quote(table.Table)} lets the role neither see nor add enough rows: a policy for {(table.MayRead ? "INSERT" : table.MayAdd ? "SELECT" : "SELECT and INSERT")} is missing. "
        + "As its owner run CREATE POLICY, or use a role with BYPASSRLS.";

    private static IEnumerable<string> Parents(StreamModel model) =>
        model.Tables.SelectMany(table => table.ForeignKeys).Select(key => key.ParentTable).Distinct(StringComparer.Ordinal);

    private static List<string> Missing(
        Dictionary<string, TableRights> tables, DatabaseConnection connection, StreamModel model, bool mayCreate)
    {
        var missing = new List<string>();
        foreach (var name in model.Tables.Select(table => table.Name).Append(LedgerTable.Name))
        {
            var quoted = connection.Quote(name);
            if (!tables.TryGetValue(name, out var rights))
            {
                var advice = mayCreate
                    ? RunInitialize
                    : $"The role may not create it. {GrantAdvice.Use("USAGE, CREATE", "SCHEMA", Identifier.Quote(connection.Schema), connection)}";
                missing.Add($"Table {quoted} does not exist. {advice}");
                continue;
            }

            // The ledger's row is completed at the end of its transaction; the model's tables are only added to.
            string[] needed =
            [
                .. rights.Select ? Array.Empty<string>() : ["SELECT"],
                .. rights.Insert ? Array.Empty<string>() : ["INSERT"],
                .. rights.Update || name != LedgerTable.Name ? Array.Empty<string>() : ["UPDATE"],
            ];
            if (needed.Length > 0)
            {
                missing.Add($"The role lacks {string.Join(" and ", needed)} on {quoted}. {GrantAdvice.Use(string.Join(", ", needed), "TABLE", quoted, connection)}");
            }

            if (!rights.Sequence)
            {
                var schema = Identifier.Quote(connection.Schema);
                missing.Add($"The role may not use the sequence of {quoted}. {GrantAdvice.Use("USAGE, UPDATE", "ALL SEQUENCES IN SCHEMA", schema, connection)}");
            }
        }

        return missing;
    }

    private static async Task<(bool Exists, bool Usage, bool Create)> ReadSchemaAsync(
        NpgsqlConnection opened, DatabaseConnection connection, CancellationToken cancellationToken)
    {
        (bool Exists, bool Usage, bool Create) rights = default;
        var commands = new CommandBatch(opened);
        commands.Query(SchemaSql, row => rights = (row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2)), Parameter.Of(connection.Schema));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return rights;
    }

    private static async Task<Dictionary<string, TableRights>> ReadTablesAsync(
        NpgsqlConnection opened, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<string, TableRights>(StringComparer.Ordinal);
        var commands = new CommandBatch(opened);
        commands.Query(
            TablesSql,
            row => tables.Add(row.GetString(0), new TableRights(row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4))),
            Parameter.Of(connection.Schema),
            Parameter.Of(Names(model)));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return tables;
    }

    private static async Task<bool> MaySetReplicationRoleAsync(NpgsqlConnection opened, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SessionSettings.MaySetReplicationRole(opened.PostgreSqlVersion), opened);
        return await command.ReadValueAsync(cancellationToken).ConfigureAwait(false) is true;
    }

    /// <summary>Rights on one table; <paramref name="Update"/> on one column suffices to lock rows.</summary>
    private sealed record TableRights(bool Select, bool Insert, bool Update, bool Sequence);
}

/// <summary>What the role of a connection may do in its schema.</summary>
internal sealed record Rights
{
    /// <summary>True when the schema is there.</summary>
    public bool SchemaExists { get; init; }

    /// <summary>True when the role may create tables in the schema, or the schema itself when it is missing.</summary>
    public bool CanCreate { get; init; }

    /// <summary>True when every table of the model is there and may be loaded.</summary>
    public bool CanLoad { get; init; }

    /// <summary>True if foreign keys can be verified by set.</summary>
    public bool CanCheckBySet { get; init; }

    /// <summary>What row-level security means for the role, a sentence per table that it holds for.</summary>
    public IReadOnlyList<string> RowSecurity { get; init; } = [];

    /// <summary>What is missing, each a sentence with its remedy.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
