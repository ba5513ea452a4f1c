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
    public static Task<IReadOnlyList<SchemaChange>> InitializeAsync(
        DatabaseConnection connection, StreamModel model, bool planOnly, CancellationToken cancellationToken) =>
        InitializeAsync(connection, model, new LayoutOptions(), publication: null, planOnly, cancellationToken);

    /// <inheritdoc cref="InitializeAsync(DatabaseConnection, StreamModel, LayoutOptions, string?, bool, CancellationToken)"/>
    public static Task<IReadOnlyList<SchemaChange>> InitializeAsync(
        DatabaseConnection connection, StreamModel model, LayoutOptions layout, bool planOnly, CancellationToken cancellationToken) =>
        InitializeAsync(connection, model, layout, publication: null, planOnly, cancellationToken);

    /// <inheritdoc cref="InitializeAsync(DatabaseConnection, StreamModel, LayoutOptions, string?, bool, CancellationToken)"/>
    public static Task<IReadOnlyList<SchemaChange>> InitializeAsync(
        DatabaseConnection connection, StreamModel model, string? publication, bool planOnly, CancellationToken cancellationToken) =>
        InitializeAsync(connection, model, new LayoutOptions(), publication, planOnly, cancellationToken);

    /// <inheritdoc cref="InitializeAsync(DatabaseConnection, StreamModel, bool, CancellationToken)"/>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="layout">How new tables are to be stored.</param>
    /// <param name="publication">Name of the publication that the tables and the ledger are to be in; null for none.</param>
    /// <param name="planOnly">True to change nothing and return what would be done.</param>
    /// <param name="cancellationToken">Cancels; nothing stays then.</param>
    public static async Task<IReadOnlyList<SchemaChange>> InitializeAsync(
        DatabaseConnection connection, StreamModel model, LayoutOptions layout, string? publication, bool planOnly, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(layout);
        model = LayoutChoice.Make(model, layout);
        LayoutChoice.RequireNames(model);
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
            var stored = live.Exists ? await LayoutReader.ReadAsync(session, connection.Schema, model, cancellationToken).ConfigureAwait(false) : model;
            var steps = SchemaPlan.Make(connection.Schema, stored, live, model);
            if (publication is not null)
            {
                var there = live.Tables.Keys.ToHashSet(StringComparer.Ordinal);
                steps = [.. steps, .. await PublicationPlan.MakeAsync(session, connection.Schema, stored, publication, there, cancellationToken).ConfigureAwait(false)];
            }

            if (planOnly)
            {
                var planned = steps.Where(step => step.Change is { Kind: "table", Action: SchemaAction.WouldCreate }).Select(step => step.Change.Name);
                return [.. steps.Concat(await PartitionsAsync(session, connection.Schema, stored, planned, cancellationToken).ConfigureAwait(false)).Select(step => step.Change)];
            }

            var changes = await RunAsync(session, connection, steps, cancellationToken).ConfigureAwait(false);
            var partitions = await PartitionsAsync(session, connection.Schema, stored, [], cancellationToken).ConfigureAwait(false);
            if (partitions.Count > 0)
            {
                // Tables that were there may be in use, and who waits to attach a partition keeps others from using them.
                await SchemaUpdater.LimitLocksAsync(session, SchemaUpdateOptions.DefaultLockTimeout, isLocal: true, cancellationToken).ConfigureAwait(false);
            }

            changes = [.. changes, .. await RunAsync(session, connection, partitions, cancellationToken).ConfigureAwait(false)];
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            PartitionKeeper.Forget(connection);
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

    /// <summary>Partitions that are missing of tables that are there, or planned, and the role's: only an owner can attach them.</summary>
    private static async Task<IReadOnlyList<SchemaStep>> PartitionsAsync(
        NpgsqlConnection session, string schema, StreamModel model, IEnumerable<string> planned, CancellationToken cancellationToken)
    {
        if (!model.HasLayouts)
        {
            return [];
        }

        var owners = await TableOwner.ReadAsync(session, schema, model.Tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        var tables = owners.Where(owner => owner.Value.IsOwn).Select(owner => owner.Key).Concat(planned).ToHashSet(StringComparer.Ordinal);
        var now = DateTime.UtcNow;
        var steps = await PartitionKeeper.PlanAsync(session, schema, model, _ => now, now, cancellationToken).ConfigureAwait(false);
        return [.. steps.Where(step => tables.Contains(step.Table!))];
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
