using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>
/// The ledger's row that says that a stream ended as requested, by a limit or a signal. Without it a stream that has gone
/// quiet has died, as far as anybody can tell.
/// </summary>
internal static class StreamEnd
{
    /// <summary>Writes the row of this process.</summary>
    public static async Task WriteAsync(DatabaseConnection connection, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(connection, SessionKind.Write, cancellationToken).ConfigureAwait(false);
        var commands = new CommandBatch(session.Open);
        session.Begin(commands);

        // Numbers count batches, and seeds go by them: this row takes one that no batch has.
        commands.Query(
            $"""
            INSERT INTO {connection.Quote(LedgerTable.Name)} (batch_id, batch_number, kind, writer)
            VALUES ($1, $2, '{LedgerKind.StreamEnd}', $3)
            RETURNING batch_id
            """,
            static _ => { },
            Parameter.Of(Guid.NewGuid()),
            Parameter.Of(-(1L << 62) - Random.Shared.NextInt64(1L << 62)),
            Parameter.Of(BatchLedger.Writer));
        session.Commit(commands);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The condition under which a row <c>l</c> of the ledger was written by a stream that is known to have ended since.</summary>
    public static string HasEndedSql(DatabaseConnection connection) =>
        $"""
        EXISTS (SELECT FROM {connection.Quote(LedgerTable.Name)} AS e
                WHERE e.kind = '{LedgerKind.StreamEnd}' AND e.writer = l.writer AND e.committed_at >= l.committed_at)
        """;
}
