using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>Reference times in the ledger, where others go on. They depend on the contents of the database alone.</summary>
internal static class LedgerTimes
{
    /// <summary>
    /// The newest reference time (UTC), which a seeded batch that names none takes: the rows that exist are old enough to be referred to,
    /// and the same seed on the same contents gives the same rows. Null when nothing was loaded yet.
    /// </summary>
    /// <remarks>Imports have none; where there are only imports, the last one counts.</remarks>
    public static Task<DateTime?> NewestAsync(DatabaseConnection connection, CancellationToken cancellationToken) => ReadAsync(
        connection,
        ledger => $"SELECT COALESCE(pg_catalog.max(reference_time), pg_catalog.max(committed_at) AT TIME ZONE 'UTC') FROM {ledger}",
        cancellationToken);

    /// <summary>The end (UTC) of a history that nothing has followed yet, where a stream goes on; null when the newest batch is no history.</summary>
    public static Task<DateTime?> EndOfHistoryAsync(DatabaseConnection connection, CancellationToken cancellationToken) => ReadAsync(
        connection,
        ledger => $"SELECT reference_time FROM {ledger} WHERE (plan -> 'events') ? 'history' AND reference_time = (SELECT pg_catalog.max(reference_time) FROM {ledger})",
        cancellationToken);

    /// <summary>The time requested; the newest one where a seed is given and no time, and null where neither says.</summary>
    /// <exception cref="StreamingException">The server refused.</exception>
    public static async Task<DateTime?> ForSeedAsync(
        DatabaseConnection connection, long? seed, DateTime? asked, CancellationToken cancellationToken)
    {
        if (seed is null || asked is not null)
        {
            return asked;
        }

        try
        {
            return await NewestAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Reading the newest reference time of the ledger");
        }
    }

    /// <summary>A time of the ledger; null when there is none, or no ledger.</summary>
    private static async Task<DateTime?> ReadAsync(DatabaseConnection connection, Func<string, string> sql, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var ledger = Identifier.Quote(connection.Schema, LedgerTable.Name);
        var isThere = false;
        await session.QueryAsync(
            "SELECT pg_catalog.to_regclass($1) IS NOT NULL", row => isThere = row.GetBoolean(0), cancellationToken, Parameter.Of(ledger)).ConfigureAwait(false);
        DateTime? time = null;
        if (isThere)
        {
            await session.QueryAsync(
                sql(ledger),
                row => time = row.IsDBNull(0) ? null : DateTime.SpecifyKind(row.GetDateTime(0), DateTimeKind.Utc),
                cancellationToken).ConfigureAwait(false);
        }

        return time;
    }
}
