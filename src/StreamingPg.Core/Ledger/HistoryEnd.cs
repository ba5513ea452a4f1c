using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>Where a history ends that nothing has followed yet: a stream goes on there.</summary>
internal static class HistoryEnd
{
    /// <summary>The end (UTC); null when the newest batch is no history.</summary>
    public static async Task<DateTime?> ReadAsync(DatabaseConnection connection, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        var ledger = Identifier.Quote(connection.Schema, LedgerTable.Name);
        var isThere = false;
        await session.QueryAsync(
            "SELECT pg_catalog.to_regclass($1) IS NOT NULL", row => isThere = row.GetBoolean(0), cancellationToken, Parameter.Of(ledger)).ConfigureAwait(false);
        DateTime? end = null;
        if (isThere)
        {
            await session.QueryAsync(
                $"SELECT reference_time FROM {ledger} WHERE (plan -> 'events') ? 'history' AND reference_time = (SELECT pg_catalog.max(reference_time) FROM {ledger})",
                row => end = DateTime.SpecifyKind(row.GetDateTime(0), DateTimeKind.Utc),
                cancellationToken).ConfigureAwait(false);
        }

        return end;
    }
}
