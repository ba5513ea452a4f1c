using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Server;

/// <summary>
/// What is in a server: each database with its relations, constraints and functions, the position of each sequence, and of each table the
/// number of its rows and a checksum of what stands in them. Two servers with the same inventory hold the same.
/// </summary>
internal sealed class ServerInventory
{
    // What an extension brings is the extension's; NOT NULL is a constraint of the catalog in newer versions only.
    private const string ObjectsSql =
        """
        WITH mine AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
             brought AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
        SELECT format('relations of kind %s in schema %I', c.relkind, n.nspname), count(*)::text
        FROM pg_class c JOIN mine n ON n.oid = c.relnamespace
        WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_class'::regclass AND objid = c.oid) GROUP BY 1
        UNION ALL
        SELECT format('constraints of kind %s in schema %I', c.contype, n.nspname), count(*)::text
        FROM pg_constraint c JOIN mine n ON n.oid = c.connamespace WHERE c.contype <> 'n' GROUP BY 1
        UNION ALL
        SELECT format('functions in schema %I', n.nspname), count(*)::text
        FROM pg_proc p JOIN mine n ON n.oid = p.pronamespace
        WHERE NOT EXISTS (SELECT FROM brought WHERE classid = 'pg_proc'::regclass AND objid = p.oid) GROUP BY 1
        UNION ALL
        SELECT format('triggers in schema %I', n.nspname), count(*)::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN mine n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal GROUP BY 1
        UNION ALL
        SELECT format('sequence %I.%I', schemaname, sequencename), coalesce(last_value::text, 'not used') FROM pg_sequences
        UNION ALL
        SELECT format('extension %I', extname), 'installed' FROM pg_extension
        """;

    private const string TablesSql =
        """
        SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1, 2
        """;

    private readonly SortedDictionary<string, string> _figures = new(StringComparer.Ordinal);

    /// <summary>Databases of the server.</summary>
    public List<string> Databases { get; } = [];

    /// <summary>Databases that nobody may connect to, so that they cannot be dumped.</summary>
    public List<string> Closed { get; } = [];

    /// <summary>Number of tables.</summary>
    public int Tables { get; private set; }

    /// <summary>Number of their rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Takes the inventory.</summary>
    /// <param name="settings">Settings of the server's superuser.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ServerInventory> TakeAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var inventory = new ServerInventory();
        await inventory.ReadDatabasesAsync(settings, cancellationToken).ConfigureAwait(false);
        foreach (var database in inventory.Databases)
        {
            await inventory.ReadDatabaseAsync(settings, database, cancellationToken).ConfigureAwait(false);
        }

        return inventory;
    }

    /// <summary>Names of the databases only.</summary>
    public static async Task<ServerInventory> TakeDatabasesAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var inventory = new ServerInventory();
        await inventory.ReadDatabasesAsync(settings, cancellationToken).ConfigureAwait(false);
        return inventory;
    }

    /// <summary>What this one has and another has otherwise, or not at all, and the reverse.</summary>
    public IReadOnlyList<string> DifferencesTo(ServerInventory other) =>
    [
        .. _figures.Keys.Union(other._figures.Keys, StringComparer.Ordinal)
            .Where(key => _figures.GetValueOrDefault(key) != other._figures.GetValueOrDefault(key))
            .Select(key => $"{key}: {_figures.GetValueOrDefault(key) ?? "missing"}, now {other._figures.GetValueOrDefault(key) ?? "missing"}"),
    ];

    private async Task ReadDatabasesAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        await using var connection = Connect(settings, "postgres");
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        await session.QueryAsync(
            "SELECT datname::text, datallowconn FROM pg_database WHERE datname <> 'template0' ORDER BY 1",
            row => (row.GetBoolean(1) ? Databases : Closed).Add(row.GetString(0)),
            cancellationToken).ConfigureAwait(false);
        await session.QueryAsync(
            "SELECT format('role %I', rolname), hashtextextended(concat(rolsuper, rolcanlogin, rolpassword), 0)::text FROM pg_authid WHERE rolname !~ '^pg_'",
            row => _figures.Add(row.GetString(0), row.GetString(1)),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadDatabaseAsync(NpgsqlConnectionStringBuilder settings, string database, CancellationToken cancellationToken)
    {
        await using var connection = Connect(settings, database);
        await using var session = await Session.BeginAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
        var tables = new List<string>();
        await session.QueryAsync(
            ObjectsSql, row => _figures.Add($"{database}: {row.GetString(0)}", row.GetString(1)), cancellationToken).ConfigureAwait(false);
        await session.QueryAsync(
            TablesSql, row => tables.Add(Identifier.Quote(row.GetString(0), row.GetString(1))), cancellationToken).ConfigureAwait(false);
        foreach (var table in tables)
        {
            await session.QueryAsync(
                $"SELECT count(*), coalesce(sum(hashtextextended((the_row.*)::text, 0)::numeric), 0)::text FROM ONLY {table} AS the_row",
                row =>
                {
                    Rows += row.GetInt64(0);
                    _figures.Add($"{database}: table {table}", $"{row.GetInt64(0)} rows (checksum {row.GetString(1)})");
                },
                cancellationToken).ConfigureAwait(false);
            Tables++;
        }
    }

    private static DatabaseConnection Connect(NpgsqlConnectionStringBuilder settings, string database) => new(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = database, Pooling = false },
        SettingsResolver.DefaultSchema,
        ConnectionSource.PrivateServer);
}
