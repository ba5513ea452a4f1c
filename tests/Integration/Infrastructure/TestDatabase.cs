using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>A database of one test. Made by <see cref="PostgresFixture.CreateDatabaseAsync"/>.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Dictionary<string, string> _roles = [];
    private readonly List<DatabaseConnection> _opened = [];

    internal TestDatabase(NpgsqlConnectionStringBuilder superuserSettings, string name, string schema)
    {
        _server = superuserSettings;
        Name = name;
        Connection = Track(new DatabaseConnection(Settings(), schema, ConnectionSource.Parameter));
    }

    /// <summary>Name of the database.</summary>
    public string Name { get; }

    /// <summary>Connection as the superuser.</summary>
    internal DatabaseConnection Connection { get; }

    /// <summary>Settings of this database, as the superuser, password included; change a copy as the test needs it.</summary>
    public NpgsqlConnectionStringBuilder Settings() => new(_server.ConnectionString) { Database = Name };

    /// <summary>Another connection as the superuser, with another schema.</summary>
    internal DatabaseConnection Connect(string schema) =>
        Track(new DatabaseConnection(Settings(), schema, ConnectionSource.Parameter));

    /// <summary>A connection as a new plain role (LOGIN, no other right than PUBLIC's), dropped with the database.</summary>
    /// <param name="grants">Statements to run first as the superuser, with <c>{role}</c> for the quoted role.</param>
    internal async Task<DatabaseConnection> ConnectAsPlainRoleAsync(params string[] grants)
    {
        var role = $"role_{Guid.NewGuid():N}";
        var password = Guid.NewGuid().ToString("N");
        await ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD '{password}'");
        _roles.Add(role, password);
        foreach (var grant in grants)
        {
            await ExecuteAsync(grant.Replace("{role}", Identifier.Quote(role), StringComparison.Ordinal));
        }

        var settings = Settings();
        settings.Username = role;
        settings.Password = password;
        return Track(new DatabaseConnection(settings, Connection.Schema, ConnectionSource.Parameter));
    }

    /// <summary>The password of a plain role.</summary>
    public string PasswordOf(string role) => _roles[role];

    /// <summary>The server's major version, such as 15.</summary>
    public Task<int> MajorVersionAsync() => ScalarAsync<int>("SELECT current_setting('server_version_num')::integer / 10000");

    /// <summary>Sees to it that the server's statistics count all that was done on this handle's sessions.</summary>
    public async Task FlushStatisticsAsync()
    {
        if (await MajorVersionAsync() >= 15)
        {
            await ExecuteAsync("SELECT pg_stat_force_next_flush()");
            return;
        }

        // PostgreSQL 14 sends them to a collector at the end of a transaction, at most every half second, and the collector's file is
        // read for half a second more.
        await ExecuteAsync("SELECT pg_sleep(1)");
        await ExecuteAsync("SELECT pg_sleep(1)");
    }

    /// <summary>Runs SQL as the superuser; <c>$1</c>, <c>$2</c> ... are the parameters.</summary>
    /// <returns>Rows affected.</returns>
    public async Task<int> ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        var value = await command.ExecuteScalarAsync();
        return value is T typed
            ? typed
            : throw new InvalidOperationException($"Expected a {typeof(T).Name}, got {value?.GetType().Name ?? "no row"} from: {sql}");
    }

    /// <summary>All rows; a NULL is null.</summary>
    public async Task<List<object?[]>> QueryAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            var row = new object?[reader.FieldCount];
            for (var column = 0; column < row.Length; column++)
            {
                row[column] = await reader.IsDBNullAsync(column) ? null : reader.GetValue(column);
            }

            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Number of rows of a table in the connection's schema.</summary>
    public Task<long> CountAsync(string table) => ScalarAsync<long>($"SELECT count(*) FROM {Connection.Quote(table)}");

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _opened)
        {
            await connection.DisposeAsync();
        }

        await OnServerAsync($"DROP DATABASE {Name} WITH (FORCE)");
        foreach (var role in _roles.Keys)
        {
            await OnServerAsync($"DROP ROLE {role}");
        }
    }

    internal Task CreateAsync() => OnServerAsync($"CREATE DATABASE {Name}");

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = Connection.DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }

    private DatabaseConnection Track(DatabaseConnection connection)
    {
        _opened.Add(connection);
        return connection;
    }

    private async Task OnServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
