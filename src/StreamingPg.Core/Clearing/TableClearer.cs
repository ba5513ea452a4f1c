using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Clearing;

/// <summary>Empties the tables of a model and starts their sequences, and the ledger, from the beginning: as after Initialize-StreamingSchema.</summary>
internal static class TableClearer
{
    /// <summary>Empties the tables, in one transaction.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="planOnly">True to count only.</param>
    /// <param name="force">True to remove rows, too, that StreamingPg did not load.</param>
    /// <param name="cancellationToken">Cancels; nothing is removed then.</param>
    /// <returns>The rows of each table, children before parents.</returns>
    /// <exception cref="StreamingException">There are rows that StreamingPg did not load, or the server refused.</exception>
    public static async Task<IReadOnlyList<RemovalResult>> ClearAsync(
        DatabaseConnection connection, StreamModel model, bool planOnly, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            var started = Stopwatch.GetTimestamp();
            await using var session = await Session.BeginAsync(
                connection, planOnly ? SessionKind.Read : SessionKind.Write, cancellationToken).ConfigureAwait(false);
            var tables = await OwnTables.ReadAsync(session, model, locks: !planOnly, cancellationToken).ConfigureAwait(false);
            if (!force)
            {
                await tables.RefuseForeignRowsAsync(session, cancellationToken).ConfigureAwait(false);
            }

            if (!planOnly && tables.Existing.Count > 0)
            {
                await TruncateAsync(session, tables, cancellationToken).ConfigureAwait(false);

                // A batch that remembers the tables as they were would begin twice, and take a number each time.
                TargetTables.Forget(connection, model);
            }

            return [.. tables.Existing.Reverse().Select(table => new RemovalResult
            {
                Table = table.Name,
                Examined = tables.RowsOf(table),
                Removed = tables.RowsOf(table),
                CountedOnly = planOnly,
                Duration = Stopwatch.GetElapsedTime(started),
            })];
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw OwnTables.InUse(connection, exception);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "clearing the tables");
        }
    }

    private static async Task TruncateAsync(Session session, OwnTables tables, CancellationToken cancellationToken)
    {
        var clearsLedger = tables is { HasLedger: true, HasOthers: false };
        var names = tables.Existing.Select(table => table.Name).Concat(clearsLedger ? [LedgerTable.Name] : Array.Empty<string>()).Select(session.Quote);
        var commands = session.NewCommands();
        if (tables is { HasLedger: true, HasOthers: true })
        {
            // The ledger stays for the other tables, and goes on to agree with these.
            var ledger = new RemovalLedger(session.Schema);
            foreach (var table in tables.Existing.Where(table => tables.IsLoaded(table)))
            {
                ledger.Add(commands, table.Name, tables.LoadedRowsOf(table), _ => { });
            }
        }

        commands.Query(SessionSettings.UseRolePath, _ => { }); // for triggers of the tables; the names are qualified
        commands.Add($"TRUNCATE TABLE {string.Join(", ", names)} RESTART IDENTITY");
        session.Commit(commands);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
