using System.Diagnostics;
using System.Globalization;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Snapshots;

/// <summary>
/// Saves a database as a copy beside it, and sets it back to the copy, which takes a fraction of a second for a small one. A snapshot is known by
/// the comment on its database, so that nothing else is ever dropped.
/// </summary>
internal sealed class SnapshotStore : IAsyncDisposable
{
    /// <summary>Name of a snapshot that gets none.</summary>
    public const string DefaultName = "default";

    private const string Mark = "StreamingPg snapshot";

    /// <summary>Mark of what a restore that was killed leaves behind, and the next one drops.</summary>
    private const string LeftoverMark = "StreamingPg leftover";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private const string ListSql =
        $"""
        SELECT datname::text, shobj_description(oid, 'pg_database'), pg_database_size(oid) FROM pg_database
        WHERE shobj_description(oid, 'pg_database') ~ '^{Mark} of "' ORDER BY datname
        """;

    private readonly SnapshotServer _server;
    private readonly string _database;

    private SnapshotStore(SnapshotServer server, string database) => (_server, _database) = (server, database);

    /// <summary>The snapshots of a connection's database.</summary>
    public static SnapshotStore Of(DatabaseConnection connection) => new(SnapshotServer.Of(connection), connection.Database);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Lists the snapshots of the database, by name.</summary>
    public async Task<IReadOnlyList<StreamingSnapshot>> ListAsync(CancellationToken cancellationToken)
    {
        var snapshots = new List<StreamingSnapshot>();
        await _server.QueryAsync(
            ListSql,
            row =>
            {
                if (Read(row.GetString(0), row.GetString(1), row.GetInt64(2)) is { } snapshot && snapshot.Database == _database)
                {
                    snapshots.Add(snapshot);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return [.. snapshots.OrderBy(snapshot => snapshot.Name, StringComparer.Ordinal)];
    }

    /// <summary>One snapshot, or all.</summary>
    /// <exception cref="StreamingException">There is none of that name.</exception>
    public async Task<IReadOnlyList<StreamingSnapshot>> GetAsync(string? name, CancellationToken cancellationToken) => name is null
        ? await ListAsync(cancellationToken).ConfigureAwait(false)
        : [await FindAsync(name, cancellationToken).ConfigureAwait(false)];

    /// <summary>Finds a snapshot.</summary>
    /// <exception cref="StreamingException">There is none of that name.</exception>
    public async Task<StreamingSnapshot> FindAsync(string name, CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken).ConfigureAwait(false);
        return all.FirstOrDefault(snapshot => snapshot.Name == name) ?? throw new StreamingException(
            ErrorIds.SnapshotUnknown,
            StreamingErrorKind.NotFound,
            $"There is no snapshot \"{name}\" of database \"{_database}\".",
            all.Count == 0 ? "Save one with Save-StreamingSnapshot (streamingpg snapshot save)." : $"There are {string.Join(", ", all.Select(snapshot => snapshot.Name))}.",
            name);
    }

    /// <summary>Saves the database.</summary>
    /// <param name="name">Name of the snapshot.</param>
    /// <param name="force">True to replace one of that name.</param>
    /// <param name="endSessions">True to end the sessions that are open on the database.</param>
    /// <param name="cancellationToken">Cancels; what there was stays.</param>
    /// <exception cref="StreamingException">There is one of that name, sessions are open, or the role may not copy the database.</exception>
    public async Task<StreamingSnapshot> SaveAsync(string name, bool force, bool endSessions, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (name.Any(char.IsControl))
        {
            throw new StreamingException(
                ErrorIds.SnapshotNameInvalid, StreamingErrorKind.InvalidInput, "The name of the snapshot has control characters in it.", "Use another name.", name);
        }

        var existing = (await ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(snapshot => snapshot.Name == name);
        if (existing is not null && !force)
        {
            throw new StreamingException(
                ErrorIds.SnapshotExists,
                StreamingErrorKind.InvalidInput,
                $"There is a snapshot \"{name}\" of database \"{_database}\" from {DisplayText.Instant(existing.SavedAt)}.",
                "Use another name, or replace it with -Force (--force).",
                name);
        }

        var copy = FreshName();
        await _server.FreeAsync(_database, endSessions, cancellationToken).ConfigureAwait(false);
        await _server.CopyAsync(_database, copy, cancellationToken).ConfigureAwait(false);
        await _server.WriteAsync([CommentSql(copy, Mark, name, DateTime.UtcNow)], "naming the snapshot", cancellationToken).ConfigureAwait(false);
        if (existing is not null)
        {
            await _server.DropAsync(existing.Copy, cancellationToken).ConfigureAwait(false);
        }

        return await FindAsync(name, cancellationToken).ConfigureAwait(false) with { Duration = Stopwatch.GetElapsedTime(started) };
    }

    /// <summary>Sets the database back. It is replaced by a copy of the snapshot, with the owner, rights and settings that it has now.</summary>
    /// <param name="name">Name of the snapshot.</param>
    /// <param name="endSessions">True to end the sessions that are open on the database.</param>
    /// <param name="cancellationToken">Cancels; the database is as it was, or set back.</param>
    /// <exception cref="StreamingException">There is no such snapshot, or sessions are open.</exception>
    public async Task<StreamingSnapshot> RestoreAsync(string name, bool endSessions, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var snapshot = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        foreach (var leftover in await LeftoversAsync(cancellationToken).ConfigureAwait(false))
        {
            await _server.DropAsync(leftover, cancellationToken).ConfigureAwait(false);
        }

        await _server.FreeAsync(snapshot.Copy, endSessions, cancellationToken).ConfigureAwait(false);
        var next = FreshName();
        await _server.CopyAsync(snapshot.Copy, next, cancellationToken).ConfigureAwait(false);
        await _server.WriteAsync([CommentSql(next, LeftoverMark, name, DateTime.UtcNow)], "marking the copy", cancellationToken).ConfigureAwait(false);
        await ReplaceAsync(next, name, endSessions, cancellationToken).ConfigureAwait(false);
        return snapshot with { Duration = Stopwatch.GetElapsedTime(started) };
    }

    /// <summary>Removes a snapshot.</summary>
    /// <exception cref="StreamingException">There is no such snapshot.</exception>
    public async Task<StreamingSnapshot> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var snapshot = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        await _server.DropAsync(snapshot.Copy, cancellationToken).ConfigureAwait(false);
        return snapshot;
    }

    /// <summary>
    /// Puts a copy in the place of the database, with the rights and settings of that, in one transaction; then drops the old one. A process
    /// that is killed leaves either, and the other as a leftover.
    /// </summary>
    private async Task ReplaceAsync(string next, string name, bool endSessions, CancellationToken cancellationToken)
    {
        var old = FreshName();
        var properties = await DatabaseProperties.ReadAsync(_server, _database, next, cancellationToken).ConfigureAwait(false);
        await _server.FreeAsync(_database, endSessions, cancellationToken).ConfigureAwait(false);
        List<string> statements =
        [
            .. properties is null ? [] : properties.Statements,
            .. properties is null ? [] : (string[])[CommentSql(_database, LeftoverMark, name, DateTime.UtcNow), Rename(_database, old)],
            Rename(next, _database),
            $"COMMENT ON DATABASE {Identifier.Quote(_database)} IS {(properties?.Comment is { } comment ? Identifier.Literal(comment) : "NULL")}",
        ];
        await _server.WriteAsync(statements, $"replacing database \"{_database}\"", cancellationToken).ConfigureAwait(false);
        if (properties is not null)
        {
            await _server.DropAsync(old, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<string>> LeftoversAsync(CancellationToken cancellationToken)
    {
        var leftovers = new List<string>();
        await _server.QueryAsync(
            $"SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database WHERE shobj_description(oid, 'pg_database') ~ '^{LeftoverMark} of \"'",
            row =>
            {
                if (Parse(row.GetString(1))?.Database == _database && row.GetString(0) != _database)
                {
                    leftovers.Add(row.GetString(0));
                }
            },
            cancellationToken).ConfigureAwait(false);
        return leftovers;
    }

    private static string Rename(string from, string to) => $"ALTER DATABASE {Identifier.Quote(from)} RENAME TO {Identifier.Quote(to)}";

    private static string FreshName() => $"streamingpg_{Guid.NewGuid():N}";

    /// <summary>The comment says in words what the database is, for whoever finds it; a line each for what is read again.</summary>
    private string CommentSql(string database, string mark, string name, DateTime time)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{mark} of \"{_database}\"\n{name}\n{time.ToString(TimeFormat, CultureInfo.InvariantCulture)}");
        return $"COMMENT ON DATABASE {Identifier.Quote(database)} IS {Identifier.Literal(text)}";
    }

    private static (string Database, string Name, DateTime Time)? Parse(string comment)
    {
        var lines = comment.Split('\n');
        var open = lines[0].IndexOf('"', StringComparison.Ordinal);
        return lines.Length == 3 && open > 0
            && DateTime.TryParseExact(lines[2], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? (lines[0][(open + 1)..^1], lines[1], time)
            : null;
    }

    private static StreamingSnapshot? Read(string copy, string comment, long bytes) => Parse(comment) is { } parsed
        ? new StreamingSnapshot { Name = parsed.Name, Database = parsed.Database, Copy = copy, SavedAt = parsed.Time, Bytes = bytes }
        : null;
}

/// <summary>What belongs to a database and not to its content, so that no copy has it: rights, settings, limits and the comment.</summary>
/// <param name="Statements">Statements that give another database the same.</param>
/// <param name="Comment">The comment, or null.</param>
internal sealed record DatabaseProperties(IReadOnlyList<string> Statements, string? Comment)
{
    private const string DatabaseSql =
        """
        SELECT pg_get_userbyid(datdba)::text, datconnlimit, datistemplate, shobj_description(oid, 'pg_database'), datacl IS NOT NULL FROM pg_database WHERE datname = $1
        """;

    private const string RightsSql =
        """
        SELECT format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, $2, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                      CASE WHEN a.is_grantable AND a.grantee <> d.datdba THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a WHERE d.datname = $1
        """;

    // A list such as search_path is no single value to SET, so the value is set for the transaction and taken from there.
    private const string SettingsSql =
        """
        SELECT format('SELECT pg_catalog.set_config(%L, %L, true)', split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)),
               format('ALTER %s SET %s FROM CURRENT',
                      CASE WHEN s.setrole = 0 THEN format('DATABASE %I', $2) ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(s.setrole), $2) END,
                      split_part(c, '=', 1))
        FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase CROSS JOIN LATERAL unnest(s.setconfig) AS c WHERE d.datname = $1
        """;

    /// <summary>Reads what a database has; null if there is no such database.</summary>
    public static async Task<DatabaseProperties?> ReadAsync(SnapshotServer server, string database, string target, CancellationToken cancellationToken)
    {
        DatabaseProperties? properties = null;
        var statements = new List<string>();
        var quoted = Identifier.Quote(target);
        await server.QueryAsync(
            DatabaseSql,
            row =>
            {
                properties = new DatabaseProperties(statements, row.IsDBNull(3) ? null : row.GetString(3));
                statements.Add($"ALTER DATABASE {quoted} OWNER TO {Identifier.Quote(row.GetString(0))}");
                statements.Add(string.Create(CultureInfo.InvariantCulture, $"ALTER DATABASE {quoted} CONNECTION LIMIT {row.GetInt32(1)}"));
                if (row.GetBoolean(2))
                {
                    statements.Add($"ALTER DATABASE {quoted} IS_TEMPLATE true");
                }

                if (row.GetBoolean(4))
                {
                    statements.Add($"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC");
                }
            },
            cancellationToken,
            Parameter.Of(database)).ConfigureAwait(false);
        await server.QueryAsync(RightsSql, row => statements.Add(row.GetString(0)), cancellationToken, Parameter.Of(database), Parameter.Of(target)).ConfigureAwait(false);
        await server.QueryAsync(
            SettingsSql, row => statements.AddRange([row.GetString(0), row.GetString(1)]), cancellationToken, Parameter.Of(database), Parameter.Of(target)).ConfigureAwait(false);
        return properties;
    }
}
