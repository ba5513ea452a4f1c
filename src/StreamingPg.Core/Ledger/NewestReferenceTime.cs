using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>
/// The reference time of a seeded batch that names none: that of the newest batch there is, so that the rows that exist are old enough
/// to be referred to. It depends on the contents of the database alone: the same seed on the same contents gives the same rows.
/// </summary>
internal static class NewestReferenceTime
{
    /// <summary>The newest time (UTC); null when nothing was loaded yet.</summary>
    public static async Task<DateTime?> ReadAsync(DatabaseConnection connection, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var ledger = Identifier.Quote(connection.Schema, LedgerTable.Name);
        var isThere = false;
        await session.QueryAsync(
            "SELECT pg_catalog.to_regclass($1) IS NOT NULL", row => isThere = row.GetBoolean(0), cancellationToken, Parameter.Of(ledger)).ConfigureAwait(false);
        DateTime? newest = null;
        if (isThere)
        {
            // Imports have none; where there are only imports, the last one counts.
            await session.QueryAsync(
                $"SELECT COALESCE(pg_catalog.max(reference_time), pg_catalog.max(committed_at) AT TIME ZONE 'UTC') FROM {ledger}",
                row => newest = row.IsDBNull(0) ? null : DateTime.SpecifyKind(row.GetDateTime(0), DateTimeKind.Utc),
                cancellationToken).ConfigureAwait(false);
        }

        return newest;
    }

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
            return await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Reading the newest reference time of the ledger");
        }
    }
}
