using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>Creates schema, tables, keys, indexes and the ledger of a model where they are missing.</summary>
internal static class SchemaInitializer
{
    /// <summary>Creates what is missing, in one transaction; what is there and differs is reported and not touched.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="planOnly">True to change nothing and return what would be done.</param>
    /// <param name="cancellationToken">Cancels; nothing stays then.</param>
    /// <returns>One entry per object: the schema, each table followed by its foreign keys and indexes, the ledger.</returns>
    /// <exception cref="StreamingException">The server refused; nothing stays.</exception>
    public static async Task<IReadOnlyList<SchemaChange>> InitializeAsync(
        DatabaseConnection connection, StreamModel model, bool planOnly, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            // Each statement must see what another initialisation committed while this one waited for the lock.
            await using var transaction = await Session.BeginAsync(
                connection, planOnly ? SessionKind.Read : SessionKind.Write, cancellationToken).ConfigureAwait(false);
            var session = transaction.Open;
            if (!planOnly)
            {
                await LockAsync(session, connection.Schema, cancellationToken).ConfigureAwait(false);
            }

            var live = await CatalogReader.ReadAsync(
                session,
                connection.Schema,
                model.Tables.Select(table => table.Name).Append(LedgerTable.Name),
                cancellationToken).ConfigureAwait(false);
            var steps = SchemaPlan.Make(connection.Schema, model, live);
            if (planOnly)
            {
                return [.. steps.Select(step => step.Change)];
            }

            var changes = await RunAsync(session, connection, steps, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return changes;
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"initialising schema {Identifier.Quote(connection.Schema)}");
        }
    }

    /// <summary>What the metadata says and is not done.</summary>
    public static IEnumerable<string> NotesOf(StreamModel model) => model.Tables.Where(table => table.Partitions.Count > 0).Select(table =>
        $"Table {table.Name} is not partitioned: \"partitions\" ({string.Join(", ", table.Partitions)}) is read and has no effect.");

    /// <summary>Two initialisations of one schema run one after the other, whatever process they are in.</summary>
    internal static async Task LockAsync(NpgsqlConnection session, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", session)
        {
            Parameters = { new() { Value = $"StreamingPg schema {schema}" } },
        };
        await command.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<SchemaChange>> RunAsync(
        NpgsqlConnection session,
        DatabaseConnection connection,
        IReadOnlyList<SchemaStep> steps,
        CancellationToken cancellationToken)
    {
        var changes = new List<SchemaChange>(steps.Count);
        foreach (var (change, statements) in steps)
        {
            if (statements.Count == 0)
            {
                changes.Add(change);
                continue;
            }

            try
            {
                await ExecuteAsync(session, statements, cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException exception)
            {
                throw ServerError.Translate(exception, connection, $"creating {change.Kind} {Identifier.Quote(change.Name)}");
            }

            changes.Add(change with { Action = SchemaAction.Created });
        }

        return changes;
    }

    internal static async Task ExecuteAsync(
        NpgsqlConnection session, IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(session) { Timeout = 0 }; // an index on a large table takes its time
        foreach (var statement in statements)
        {
            commands.Add(statement);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
