namespace StreamingPg.Core.Connections;

/// <summary>
/// The settings under which every transaction of ours runs, whatever role, database or server have set: what an SQL statement means
/// must not depend on them. They are set for the transaction only, so that they hold behind a pooler too and leave nothing behind.
/// </summary>
internal static class SessionSettings
{
    // With public in the search path, whoever may create there could have his functions and operators preferred to PostgreSQL's own.
    private const string FixedPath = "pg_catalog, pg_temp";

    private const string RolePath = "pg_catalog.current_setting('streamingpg.role_path')";

    /// <summary>
    /// First statement of a transaction. The role's own search path is kept for the triggers of the user's tables; the schema that is
    /// worked with (<c>$1</c>, quoted) stands at its end, as the applications that use it have it.
    /// </summary>
    /// <remarks>
    /// Names and operators are qualified, and NULLIF and the short CASE, which look for an operator, are not used: the fixed path does not
    /// hold yet. Committed work must survive a crash of the server, so synchronous_commit is not left off.
    /// </remarks>
    public const string BeginSql =
        $"""
        SELECT pg_catalog.set_config('streamingpg.role_path',
                   CASE WHEN pg_catalog.length(pg_catalog.current_setting('search_path')) OPERATOR(pg_catalog.=) 0 THEN $1
                   ELSE pg_catalog.concat(pg_catalog.current_setting('search_path'), ', ', $1) END, true),
               pg_catalog.set_config('search_path', '{FixedPath}', true), pg_catalog.set_config('standard_conforming_strings', 'on', true),
               pg_catalog.set_config('quote_all_identifiers', 'off', true), pg_catalog.set_config('client_encoding', 'UTF8', true),
               pg_catalog.set_config('datestyle', 'ISO, MDY', true), pg_catalog.set_config('intervalstyle', 'postgres', true),
               pg_catalog.set_config('bytea_output', 'hex', true), pg_catalog.set_config('extra_float_digits', '1', true),
               pg_catalog.set_config('array_nulls', 'on', true), pg_catalog.set_config('transform_null_equals', 'off', true),
               pg_catalog.set_config('row_security', 'on', true), pg_catalog.set_config('idle_in_transaction_session_timeout', '0', true),
               pg_catalog.set_config('synchronous_commit', CASE WHEN pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off'
                   THEN 'on' ELSE pg_catalog.current_setting('synchronous_commit') END, true)
        """;

    /// <summary>Statement after which the role's own search path holds: for COPY, which has no names to find but runs triggers.</summary>
    public const string UseRolePath = $"SELECT pg_catalog.set_config('search_path', {RolePath}, true)";

    /// <summary>Statement after which the fixed search path holds again.</summary>
    public const string UseFixedPath = $"SET LOCAL search_path = {FixedPath}";

    /// <summary>
    /// Condition of a statement that writes to the user's tables; it is always true. The statement's own names are found by the fixed
    /// path, before it runs; from its first row on the role's path holds, which triggers may rely on.
    /// </summary>
    public const string RolePathHolds = $"({UseRolePath}) IS NOT NULL";

    /// <summary>
    /// Settings, to be selected in a transaction that holds locks, for a client that vanishes without a word: the server ends its
    /// session when the transaction idles for a minute, or when nobody answers its probes for as long.
    /// </summary>
    public const string EndWithClient =
        """
        set_config('idle_in_transaction_session_timeout', '60s', true), set_config('tcp_keepalives_idle', '30', true),
        set_config('tcp_keepalives_interval', '10', true), set_config('tcp_keepalives_count', '3', true)
        """;

    /// <summary>Setting after which no trigger runs until the transaction ends, those of foreign keys included. It needs a right (<see cref="MaySetReplicationRole"/>).</summary>
    public const string TriggersOff = "SET LOCAL session_replication_role = replica";

    /// <summary>Setting after which triggers run again.</summary>
    public const string TriggersOn = "SET LOCAL session_replication_role = origin";

    /// <summary>
    /// Statement after which Citus changes the tables on all servers by one connection to each, until the transaction ends. It must where foreign keys
    /// refer to reference tables: rows that refer to these go by the connection that may have changed them.
    /// </summary>
    public const string OneShardConnection = "SELECT pg_catalog.set_config('citus.multi_shard_modify_mode', 'sequential', true)";

    /// <summary>The same for reading: what Citus has read by several connections it cannot drop in the same transaction.</summary>
    public const string OneShardConnectionForAll = $"{OneShardConnection}, pg_catalog.set_config('citus.max_adaptive_executor_pool_size', '1', true)";

    /// <summary>The settings by which a role or a database limits how long a statement or a transaction may take.</summary>
    public static IReadOnlyList<string> TimeLimits(Version server) => server.Major >= 17 ? ["statement_timeout", "transaction_timeout"] : ["statement_timeout"];

    /// <summary>
    /// Query whether the role may turn triggers off (session_replication_role): a superuser's right, and since PostgreSQL 15 one that
    /// can be granted.
    /// </summary>
    public static string MaySetReplicationRole(Version server) => server.Major >= 15
        ? "SELECT has_parameter_privilege('session_replication_role', 'SET')"
        : "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
}
