using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Health;

/// <summary>Says whether a publication gives its subscribers every change of the tables, and what stands against it.</summary>
internal static class PublicationChecker
{
    private const string LevelSql = "SELECT current_setting('wal_level'), current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)::int";

    // A slot of another database or of another kind is nobody's business here; its WAL is Test-StreamingHealth's.
    private const string SlotsSql =
        """
        SELECT slot_name::text, active, coalesce(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)::bigint,
               coalesce(to_jsonb(s) ->> 'wal_status' = 'lost', false)
        FROM pg_replication_slots s WHERE slot_type = 'logical' AND database = current_database() ORDER BY slot_name
        """;

    /// <summary>Checks the server, the publication, each table and each slot of the database.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="name">Name of the publication.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The server cannot be reached or refuses.</exception>
    public static async Task<IReadOnlyList<PublicationTest>> CheckAsync(
        DatabaseConnection connection, StreamModel model, string name, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
            var results = new List<PublicationTest>();
            await session.QueryAsync(LevelSql, row => results.AddRange(ServerResults(row.GetString(0), row.GetInt32(1))), cancellationToken).ConfigureAwait(false);
            var state = await PublicationPlan.ReadAsync(session.Open, session.Schema, name, cancellationToken).ConfigureAwait(false);
            results.Add(PublicationResult(name, state));
            if (state is not null)
            {
                var identities = new HashSet<string>(StringComparer.Ordinal);
                await session.QueryAsync(
                    PublicationPlan.IdentitySql,
                    row => identities.Add(row.GetString(0)),
                    cancellationToken,
                    Parameter.Of(session.Schema),
                    Parameter.Of(PublicationPlan.TablesOf(model).ToArray())).ConfigureAwait(false);
                results.AddRange(PublicationPlan.TablesOf(model).Select(table => TableResult(session.Schema, table, state, identities.Contains(table), name)));
            }

            await session.QueryAsync(SlotsSql, row => results.Add(SlotResult(row)), cancellationToken).ConfigureAwait(false);
            return results;
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"checking publication {Identifier.Quote(name)}");
        }
    }

    private static IEnumerable<PublicationTest> ServerResults(string level, int free)
    {
        yield return Result("WalLevel", "server", level == "logical", $"wal_level is {level}.",
            "Nobody can subscribe: set wal_level = logical and restart the server (Start-StreamingServer -WalLevel Logical, streamingpg server start --wal-level logical).");
        yield return Result(
            "FreeSlots", "server", free > 0, free == 1 ? "1 replication slot is free." : $"{free} replication slots are free.", "Raise max_replication_slots and restart the server.");
    }

    private static string Fix(string name) => $"Run Initialize-StreamingSchema -Publication {name} (streamingpg init --publication {name}).";

    private static PublicationTest PublicationResult(string name, PublicationState? state) => state switch
    {
        null => Result("Publication", name, false, "It does not exist.", Fix(name)),
        { IsOfAllChanges: false } => Result("Publication", name, false, "It leaves out inserts, updates, deletes or truncations.", Fix(name)),
        { IsViaRoot: false } => Result("Publication", name, false, "Rows of partitions are published under the partitions' names.", Fix(name)),
        _ => Result("Publication", name, true, "It publishes inserts, updates, deletes and truncations.", ""),
    };

    private static PublicationTest TableResult(string schema, string table, PublicationState state, bool lacksIdentity, string name) =>
        !state.IsOfAllTables && !state.Tables.Contains(table) ? Result("Table", table, false, "It is not published.", Fix(name))
        : state.Omissions.TryGetValue(table, out var omission) ? Result("Table", table, false, Text(omission),
            $"Run ALTER PUBLICATION {Identifier.Quote(name)} DROP TABLE {Identifier.Quote(schema, table)}. {Fix(name)}")
        : lacksIdentity ? Result("Table", table, false, "It has neither a primary key nor another replica identity, so the server refuses to delete from it.", Fix(name))
        : Result("Table", table, true, "It is published.", "");

    private static string Text(PublicationOmission omission) => string.Join(
        ' ',
        (string[])[
            .. omission.Filter is { } filter ? (string[])[$"Only its rows where {filter} are published."] : [],
            .. omission.Columns.Count > 0 ? (string[])[$"It is published without {Identifier.QuoteList(omission.Columns)}."] : [],
        ]);

    private static PublicationTest SlotResult(NpgsqlDataReader row)
    {
        var (name, isActive, bytes, isLost) = (row.GetString(0), row.GetBoolean(1), row.GetInt64(2), row.GetBoolean(3));
        return Result(
            "Slot",
            name,
            isActive && !isLost,
            isLost ? "The WAL it needs is gone." : $"It {(isActive ? "is read" : "has no consumer")} and holds {DisplayText.Bytes(bytes)} of WAL.",
            isLost ? "Drop it, and begin again with a new one." : "Start its consumer, or drop it: the WAL it holds fills the disk.");
    }

    private static PublicationTest Result(string check, string target, bool isOk, string detail, string advice) => new()
    {
        Check = check,
        Object = target,
        IsOk = isOk,
        Detail = isOk || advice.Length == 0 ? detail : $"{detail} {advice}",
    };
}
