using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Rights;

/// <summary>Reads which rights of <see cref="RightsTable"/> the role of a connection has.</summary>
internal sealed class RightsReader
{
    private const string SchemaSql =
        """
        SELECT n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE'))
        FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = $1
        """;

    // What is not there cannot lack a right: that it is missing is said elsewhere.
    private const string HasSql =
        $"""
        SELECT w.number::int, coalesce(CASE w.kind
                   WHEN '{GrantKind.Schema}' THEN (SELECT has_schema_privilege(s.oid, w.privilege) FROM pg_namespace s WHERE s.nspname = w.schema)
                   WHEN '{GrantKind.Database}' THEN has_database_privilege(current_database(), w.privilege)
                   WHEN '{GrantKind.Sequence}' THEN has_sequence_privilege(c.oid, w.privilege)
                   WHEN '{GrantKind.Owner}' THEN pg_has_role(c.relowner, 'USAGE')
                   ELSE has_table_privilege(c.oid, w.privilege)
                        OR (w.is_any AND has_any_column_privilege(c.oid, w.privilege))
                        OR coalesce((SELECT has_column_privilege(c.oid, a.attnum, w.privilege)
                                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = w.column_name AND NOT a.attisdropped),
                                    w.column_name <> '')
               END, true), coalesce(pg_get_userbyid(c.relowner)::text, '')
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])
             WITH ORDINALITY AS w (kind, schema, name, privilege, column_name, is_any, number)
        LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace) ON n.nspname = w.schema AND c.relname = w.name
        ORDER BY w.number
        """;

    private readonly NpgsqlConnection _open;
    private readonly DatabaseConnection _connection;
    private readonly StreamModel _model;
    private readonly CancellationToken _cancellationToken;
    private bool _schemaExists;
    private bool _canCreate;
    private RightsTargets? _targets;

    private RightsReader(NpgsqlConnection open, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        _open = open;
        _connection = connection;
        _model = model;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Reads the rights.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="purposes">What the role is to do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<Rights> ReadAsync(
        NpgsqlConnection open, DatabaseConnection connection, StreamModel model, IReadOnlyList<ConnectionPurpose> purposes, CancellationToken cancellationToken) =>
        new RightsReader(open, connection, model, cancellationToken).ReadAsync(purposes);

    private async Task<Rights> ReadAsync(IReadOnlyList<ConnectionPurpose> purposes)
    {
        await ReadSchemaAsync().ConfigureAwait(false);
        if (!_schemaExists)
        {
            return new Rights { CanCreate = _canCreate, Missing = SchemaIsMissing(purposes) is { } schema ? [schema] : [] };
        }

        _targets = await RightsTargets.ReadAsync(
            _open, _connection.Schema, _model, purposes.Contains(ConnectionPurpose.Fill), _cancellationToken).ConfigureAwait(false);
        var restricted = await RowSecurity.ReadAsync(
            _open, _connection.Schema, [.. _targets.Tables.Union(_targets.LiveTables)], _cancellationToken).ConfigureAwait(false);
        var missing = await MissingAsync(purposes, restricted).ConfigureAwait(false);
        var toLoad = await MissingAsync([ConnectionPurpose.Batch], restricted).ConfigureAwait(false);
        return new Rights
        {
            SchemaExists = true,
            CanCreate = _canCreate,
            CanLoad = toLoad.TrueForAll(right => right.Case is not null),
            CanCheckBySet = !toLoad.Exists(right => right.Case == RightsTable.BySet),
            RowSecurity = [.. restricted.Select(Meaning)],
            Missing = [.. missing.Where(right => right.Case is null)],
            Optional = [.. missing.Where(right => right.Case is not null)],
        };
    }

    private async Task ReadSchemaAsync()
    {
        var commands = new CommandBatch(_open);
        commands.Query(SchemaSql, row => (_schemaExists, _canCreate) = (row.GetBoolean(0), row.GetBoolean(1)), Parameter.Of(_connection.Schema));
        await commands.ExecuteAsync(_cancellationToken).ConfigureAwait(false);
    }

    private MissingRight? SchemaIsMissing(IReadOnlyList<ConnectionPurpose> purposes)
    {
        var database = Identifier.Quote(_open.Database);
        var problem = $"Schema {Identifier.Quote(_connection.Schema)} does not exist";
        return (_canCreate, purposes.Contains(ConnectionPurpose.Schema)) switch
        {
            (true, true) => null,
            (true, false) => new MissingRight(_connection.Schema, $"{problem}. {MissingTable.RunInitialize}"),
            (false, true) => new MissingRight(
                _connection.Schema, $"{problem}, and the role may not create it. {GrantAdvice.Use("CREATE", GrantKind.Database, database, _connection)}"),
            _ => new MissingRight(_connection.Schema, $"{problem}. {MissingTable.RunInitialize} It needs a role with CREATE on database {database}."),
        };
    }

    /// <summary>What the role lacks for some purposes, in the order of the table of rights; what is always needed comes first.</summary>
    private async Task<List<MissingRight>> MissingAsync(IReadOnlyList<ConnectionPurpose> purposes, IReadOnlyList<RowSecurity> restricted)
    {
        var needed = purposes.Distinct().SelectMany(RightsTable.Of).ToList();
        var missing = new List<MissingRight>();
        if (!purposes.All(purpose => purpose is ConnectionPurpose.Schema or ConnectionPurpose.Update or ConnectionPurpose.Fill))
        {
            missing.AddRange(_targets!.MissingTables(needed).Select(table => new MissingRight(
                table, $"Table {_connection.Quote(table)} does not exist. {MissingTable.RunInitialize}")));
        }

        var wanted = needed.OrderBy(right => right.Case is not null).SelectMany(right => _targets!.Of(right)).DistinctBy(right => right.Key).ToList();
        missing.AddRange((await LackingAsync(wanted).ConfigureAwait(false))
            .Where(right => right.Case != RightsTable.WithoutLedger || !_targets!.HasLedger)
            .GroupBy(right => (right.Kind, right.Schema, right.Kind == GrantKind.Owner ? right.Owner : right.Name, right.Case)).Select(Describe)
            .Select(right => right.Case is RightsTable.WithoutLedger or RightsTable.ToPartitioned or RightsTable.InPartitions ? right with { Case = null } : right));
        if (needed.Any(right => right is { On: RightsObject.ReplicationRole }) && await MayNotSetReplicationRoleAsync().ConfigureAwait(false) is { } setting)
        {
            missing.Add(setting);
        }

        if (needed.Any(right => right.On is RightsObject.Tables or RightsObject.LiveTables && right.Privileges.Contains("INSERT")))
        {
            missing.AddRange(restricted.Where(table => !table.MayRead || !table.MayAdd).Select(table => new MissingRight(table.Table, MissingPolicy(table))));
        }

        return missing;
    }

    private async Task<List<WantedRight>> LackingAsync(List<WantedRight> wanted)
    {
        var lacking = new List<WantedRight>();
        var commands = new CommandBatch(_open);
        commands.Query(
            HasSql,
            row =>
            {
                if (!row.GetBoolean(1))
                {
                    lacking.Add(wanted[row.GetInt32(0) - 1] with { Owner = row.GetString(2) });
                }
            },
            Texts(wanted, right => right.Kind),
            Texts(wanted, right => right.Schema),
            Texts(wanted, right => right.Name),
            Texts(wanted, right => right.Privilege),
            Texts(wanted, right => right.Column ?? ""),
            Parameter.Of(wanted.Select(right => right.IsAnyColumn).ToArray()));
        await commands.ExecuteAsync(_cancellationToken).ConfigureAwait(false);
        return lacking;
    }

    private static NpgsqlParameter Texts(List<WantedRight> wanted, Func<WantedRight, string> text) =>
        Parameter.Of(wanted.Select(text).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    private MissingRight Describe(IGrouping<(string Kind, string Schema, string Name, string? Case), WantedRight> rights)
    {
        var (kind, schema, name, when) = rights.Key;
        var quoted = kind switch
        {
            GrantKind.Schema => Identifier.Quote(schema),
            GrantKind.Database => Identifier.Quote(_open.Database),
            _ => Identifier.Quote(schema, name),
        };
        if (kind == GrantKind.Owner)
        {
            var tables = string.Join(", ", rights.Select(right => Identifier.Quote(right.Schema, right.Name)));
            return new MissingRight(name, $"Only the owner may change {tables}. {GrantAdvice.BeOwner(name, _connection)}");
        }

        var privileges = rights.GroupBy(right => right.Privilege).Select(right => right.Any(one => one.Column is null)
            ? right.Key
            : $"{right.Key} ({Identifier.QuoteList(right.Select(one => one.Column!))})").ToList();
        var lacks = when is null ? $"The role lacks {string.Join(" and ", privileges)} on {quoted}." : $"{when}, the role also needs {string.Join(" and ", privileges)} on {quoted}.";
        return new MissingRight(kind == GrantKind.Database ? _open.Database : kind == GrantKind.Schema ? schema : name, $"{lacks} {GrantAdvice.Use(string.Join(", ", privileges), kind, quoted, _connection)}", when);
    }

    private async Task<MissingRight?> MayNotSetReplicationRoleAsync()
    {
        await using var command = new NpgsqlCommand(SessionSettings.MaySetReplicationRole(_open.PostgreSqlVersion), _open);
        const string Setting = "session_replication_role";
        return await command.ReadValueAsync(_cancellationToken).ConfigureAwait(false) is true ? null
            : new MissingRight(
                Setting,
                _open.PostgreSqlVersion.Major < 15
                    ? $"{RightsTable.BySet}, the role must be a superuser (PostgreSQL 14)."
                    : $"{RightsTable.BySet}, the role also needs SET on parameter {Setting}. {GrantAdvice.Use("SET", "PARAMETER", Setting, _connection)}",
                RightsTable.BySet);
    }

    private string Meaning(RowSecurity table) =>
        $"Row-level security applies to this role on {_connection.Quote(table.Table)}{(table.IsOwner ? ", which it owns (FORCE)" : "")}: "
        + (table.MayRead ? "the role sees only rows that policies allow" : "no policy lets the role see rows")
        + (table.MayAdd ? ", and can add only rows that policies allow" : ", and no policy lets it add rows")
        + ". Batches and imports use INSERT instead of COPY; integrity and growth cover visible rows only.";

    private string MissingPolicy(RowSecurity table) =>
        $"Row-level security of {_connection.Quote(table.Table)} lets the role neither see nor add enough rows: a policy for {(table.MayRead ? "INSERT" : table.MayAdd ? "SELECT" : "SELECT and INSERT")} is missing. "
        + "As its owner run CREATE POLICY, or use a role with BYPASSRLS.";
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

    /// <summary>What is missing.</summary>
    public IReadOnlyList<MissingRight> Missing { get; init; } = [];

    /// <summary>What is missing for some cases only.</summary>
    public IReadOnlyList<MissingRight> Optional { get; init; } = [];
}

/// <summary>Something that the role lacks.</summary>
/// <param name="Object">Name of what it is on, as errors of the server spell it.</param>
/// <param name="Text">A sentence, with its remedy.</param>
/// <param name="Case">The case that needs it; null if it is always needed.</param>
internal sealed record MissingRight(string Object, string Text, string? Case = null);
