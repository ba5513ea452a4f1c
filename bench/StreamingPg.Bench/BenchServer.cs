using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Bench;

/// <summary>The throw-away server that everything is measured on.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    /// <summary>Tables of the default model, parents first.</summary>
    public static readonly IReadOnlyList<string> Tables = [.. MetadataReader.Default.Tables.Select(table => table.Name)];

    private const string FolderPrefix = "streamingpg-bench-";
    private const string ServerFolderName = "server";
    private const string SecondFolderName = "second";
    private const string PlainRole = "bench_plain";

    // Durable as PostgreSQL comes. What would strike in the middle of one measurement and not of another is kept out:
    // checkpoints are made between the measurements, and autovacuum's work is done by hand after each large load.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["shared_buffers"] = "512MB",
        ["max_wal_size"] = "8GB",
        ["checkpoint_timeout"] = "1h",
        ["autovacuum"] = "off",
    };

    // As the targets were set: a server that a standby or a backup can follow.
    private const string WalLevel = "wal_level";

    private readonly string _folder;
    private readonly PrivateServer _server;
    private readonly ServerBinaries _binaries;
    private readonly DatabaseConnection _connection;
    private readonly string _plainPassword = Guid.NewGuid().ToString("N");

    private BenchServer(string folder, PrivateServer server, ServerBinaries binaries, string rowFolder)
    {
        _folder = folder;
        _server = server;
        _binaries = binaries;
        RowFolder = rowFolder;
        _connection = new DatabaseConnection(ConnectionSettings, SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
    }

    /// <summary>A folder that the server can write files of rows to.</summary>
    public string RowFolder { get; }

    private NpgsqlConnectionStringBuilder ConnectionSettings =>
        _server.GetConnectionSettings() ?? throw new InvalidOperationException("The server does not run any more.");

    /// <summary>Its port of the loopback address.</summary>
    public int Port => ConnectionSettings.Port;

    /// <summary>A connection to an existing schema by a port of the loopback address; the caller disposes it.</summary>
    public DatabaseConnection Connect(string schema, int port)
    {
        var settings = ConnectionSettings;
        (settings.Host, settings.Port) = ("127.0.0.1", port);
        return new DatabaseConnection(settings, schema, ConnectionSource.Parameter);
    }

    /// <summary>Makes and starts a server below <paramref name="folder"/>.</summary>
    public static async Task<BenchServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        await DestroyAbandonedAsync(folder);
        return await StartInAsync(FolderOf(folder), new(Settings) { [WalLevel] = "replica" }, cancellationToken);
    }

    /// <summary>Makes and starts a second server, which writes the WAL that a private server does; it is disposed before the first one.</summary>
    public static Task<BenchServer> StartPrivateAsync(string folder, CancellationToken cancellationToken) =>
        StartInAsync(Path.Combine(FolderOf(folder), SecondFolderName), Settings, cancellationToken);

    private static string FolderOf(string folder) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{FolderPrefix}{Environment.ProcessId}"));

    private static async Task<BenchServer> StartInAsync(string own, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var server = new PrivateServer(Path.Combine(own, ServerFolderName), new PrivateServerOptions { Settings = settings });
        try
        {
            await server.StartAsync(cancellationToken);
            var binaries = await ServerBinaries.FindAsync(major: null, cancellationToken);
            var rowFolder = Path.Combine(own, "rows");
            await ServerFolder.MakeOwnedAsync(rowFolder, ServerAccount.Choose(recorded: null), cancellationToken);
            var bench = new BenchServer(own, server, binaries, rowFolder);
            await bench.ExecuteAsync($"CREATE ROLE {PlainRole} LOGIN PASSWORD {Identifier.Literal(bench._plainPassword)}", cancellationToken);
            await bench.ExecuteAsync($"GRANT CREATE ON DATABASE {Identifier.Quote(PrivateServer.DatabaseName)} TO {PlainRole}", cancellationToken);
            return bench;
        }
        catch
        {
            await DestroyAsync(own);
            throw;
        }
    }

    /// <summary>Version and settings that decide the figures, as the server tells them.</summary>
    public async Task<(string Version, string Settings)> DescribeAsync(CancellationToken cancellationToken)
    {
        string[] names = [.. Settings.Keys, "wal_compression", WalLevel];
        await using var command = _connection.DataSource.CreateCommand(
            "SELECT current_setting('server_version'), string_agg(name || ' ' || current_setting(name), ', ') FROM unnest($1) AS name");
        command.Parameters.Add(new NpgsqlParameter { Value = names });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetString(0), reader.GetString(1));
    }

    /// <summary>A schema with the three tables, made by the product; the caller disposes the connection.</summary>
    /// <param name="schema">Its name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<DatabaseConnection> MakeSchemaAsync(string schema, CancellationToken cancellationToken) =>
        MakeSchemaAsync(schema, MetadataReader.Default, cancellationToken);

    /// <summary>A schema with the tables of a model, made by the product; the caller disposes the connection.</summary>
    /// <param name="schema">Its name.</param>
    /// <param name="model">The tables.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="interval">The time that a partition holds; null for plain tables.</param>
    public async Task<DatabaseConnection> MakeSchemaAsync(
        string schema, StreamModel model, CancellationToken cancellationToken, PartitionInterval? interval = null)
    {
        var connection = new DatabaseConnection(ConnectionSettings, schema, ConnectionSource.Parameter);
        await SchemaInitializer.InitializeAsync(connection, model, new LayoutOptions { PartitionBy = interval }, planOnly: false, cancellationToken);
        return connection;
    }

    /// <summary>A schema that belongs to a role which is no superuser; the connection is that role's.</summary>
    public async Task<DatabaseConnection> MakePlainSchemaAsync(string schema, CancellationToken cancellationToken)
    {
        var connection = ConnectAsPlainRole(schema);
        await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, cancellationToken);
        return connection;
    }

    /// <summary>A connection to an existing schema as a role that owns nothing in it and may only read and write rows.</summary>
    public async Task<DatabaseConnection> GrantPlainRoleAsync(string schema, CancellationToken cancellationToken)
    {
        var quoted = Identifier.Quote(schema);
        await ExecuteAsync(
            $"""
            GRANT USAGE ON SCHEMA {quoted} TO {PlainRole};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {quoted} TO {PlainRole};
            GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {quoted} TO {PlainRole}
            """,
            cancellationToken);
        return ConnectAsPlainRole(schema);
    }

    /// <summary>Runs SQL as the superuser, however long it takes.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _connection.DataSource.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Empties the tables of a schema and makes a checkpoint, so that every measurement begins alike.</summary>
    public async Task EmptyAsync(string schema, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"TRUNCATE {string.Join(", ", Tables.Select(table => Identifier.Quote(schema, table)))}", cancellationToken);
        await CheckpointAsync(cancellationToken);
    }

    /// <summary>Writes out all that changed, so that no measurement does it for the one before.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) => ExecuteAsync("CHECKPOINT", cancellationToken);

    /// <summary>Drops the indexes of a schema's tables that no key stands on.</summary>
    public Task DropPlainIndexesAsync(string schema, CancellationToken cancellationToken) => ExecuteAsync(
        $"""
        DO $$
        DECLARE index text;
        BEGIN
            FOR index IN
                SELECT x.indexrelid::regclass FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
                WHERE c.relnamespace = {Identifier.Literal(Identifier.Quote(schema))}::regnamespace
                  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid)
            LOOP
                EXECUTE 'DROP INDEX ' || index;
            END LOOP;
        END $$
        """,
        cancellationToken);

    /// <summary>Vacuums and analyzes the tables of a schema, as autovacuum would after a while.</summary>
    public async Task SettleAsync(string schema, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            await ExecuteAsync($"VACUUM (ANALYZE) {Identifier.Quote(schema, table)}", cancellationToken);
        }

        await CheckpointAsync(cancellationToken);
    }

    /// <summary>Path of one of PostgreSQL's own programs, of the server's version where it lies beside it.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public string Program(string name)
    {
        var besideServer = Path.Combine(_binaries.Folder, SearchPath.FileName(name));
        return File.Exists(besideServer)
            ? besideServer
            : SearchPath.Find(name) ?? throw new InvalidOperationException(
                $"{name} is neither in {_binaries.Folder} nor on the PATH; install PostgreSQL's client programs.");
    }

    /// <summary>Environment in which PostgreSQL's programs find the server and the schema.</summary>
    public IReadOnlyDictionary<string, string> ForPostgresPrograms(string schema)
    {
        var settings = ConnectionSettings;
        return new Dictionary<string, string>
        {
            ["PGHOST"] = settings.Host!,
            ["PGPORT"] = settings.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = settings.Username!,
            ["PGPASSWORD"] = settings.Password!,
            ["PGDATABASE"] = settings.Database!,
            ["PGOPTIONS"] = $"-c search_path={schema}",
        };
    }

    /// <summary>Environment in which the command line and the module find the server and the schema.</summary>
    public IReadOnlyDictionary<string, string> ForStreamingPg(string schema)
    {
        var settings = ConnectionSettings;
        return new Dictionary<string, string>
        {
            ["POSTGRES_HOST"] = settings.Host!,
            ["POSTGRES_PORT"] = settings.Port.ToString(CultureInfo.InvariantCulture),
            ["POSTGRES_USER"] = settings.Username!,
            ["POSTGRES_PASSWORD"] = settings.Password!,
            ["POSTGRES_DB"] = settings.Database!,
            ["POSTGRES_SCHEMA"] = schema,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await DestroyAsync(_folder);
    }

    private DatabaseConnection ConnectAsPlainRole(string schema)
    {
        var settings = ConnectionSettings;
        settings.Username = PlainRole;
        settings.Password = _plainPassword;
        return new DatabaseConnection(settings, schema, ConnectionSource.Parameter);
    }

    /// <summary>A run that was killed could not delete its server; its process id is in the folder's name.</summary>
    private static async Task DestroyAbandonedAsync(string folder)
    {
        foreach (var abandoned in Directory.EnumerateDirectories(folder, FolderPrefix + "*"))
        {
            var owner = int.Parse(Path.GetFileName(abandoned)[FolderPrefix.Length..], CultureInfo.InvariantCulture);
            if (!Process.GetProcesses().Any(process => process.Id == owner))
            {
                await DestroyAsync(abandoned);
            }
        }
    }

    private static async Task DestroyAsync(string folder)
    {
        await new PrivateServer(Path.Combine(folder, SecondFolderName, ServerFolderName)).DestroyAsync(CancellationToken.None);
        await new PrivateServer(Path.Combine(folder, ServerFolderName)).DestroyAsync(CancellationToken.None);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
