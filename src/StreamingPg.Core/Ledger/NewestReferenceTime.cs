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
        await using var find = new NpgsqlCommand("SELECT pg_catalog.to_regclass($1) IS NOT NULL", session.Open) { Parameters = { Parameter.Of(ledger) } };
        if (await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
        {
            return null;
        }

        // Imports have none; where there are only imports, the last one counts.
        await using var read = new NpgsqlCommand(
            $"SELECT COALESCE(pg_catalog.max(reference_time), pg_catalog.max(committed_at) AT TIME ZONE 'UTC') FROM {ledger}", session.Open);
        return await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is DateTime time
            ? DateTime.SpecifyKind(time, DateTimeKind.Utc)
            : null;
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
