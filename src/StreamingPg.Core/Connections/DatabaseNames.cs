namespace StreamingPg.Core.Connections;

/// <summary>The names that a connection may use, for whoever is about to type one.</summary>
internal static class DatabaseNames
{
    /// <summary>The schemas that the role may look into, without the server's own.</summary>
    public static Task<IReadOnlyList<string>> ReadSchemasAsync(DatabaseConnection connection, CancellationToken cancellationToken) => ReadAsync(
        connection,
        """
        SELECT nspname FROM pg_catalog.pg_namespace
        WHERE nspname OPERATOR(pg_catalog.!~) '^pg_|^information_schema$' AND pg_catalog.has_schema_privilege(oid, 'USAGE')
        ORDER BY nspname
        """,
        cancellationToken);

    /// <summary>The databases that the role may connect to.</summary>
    public static Task<IReadOnlyList<string>> ReadDatabasesAsync(DatabaseConnection connection, CancellationToken cancellationToken) => ReadAsync(
        connection,
        "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY datname",
        cancellationToken);

    private static async Task<IReadOnlyList<string>> ReadAsync(DatabaseConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var session = await ReadOnlySession.BeginAsync(
            connection, ReadOnlySession.DefaultStatementTimeout, "reading names", cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync(sql, row => row.GetString(0), cancellationToken).ConfigureAwait(false);
    }
}
