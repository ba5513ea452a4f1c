using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>
/// The tables that a batch loads, as they are in the database: do they fit, may their triggers be left out, which sequences are
/// behind them? Read once and remembered; the fingerprint, which every batch reads, tells when someone changed them.
/// </summary>
internal sealed class TargetTables
{
    // Every change of a table, its columns, constraints, triggers or rights writes at least one of these catalog rows again.
    private const string FingerprintSql =
        """
        WITH target AS (
            SELECT c.oid, c.xmin FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = ANY ($2))
        SELECT concat_ws(' ',
            (SELECT concat(count(*), ':', sum(oid::bigint), ':', sum(xmin::text::bigint)) FROM target),
            (SELECT concat(count(*), ':', sum(a.xmin::text::bigint)) FROM pg_catalog.pg_attribute a JOIN target t ON a.attrelid = t.oid),
            (SELECT concat(count(*), ':', sum(k.xmin::text::bigint)) FROM pg_catalog.pg_constraint k JOIN target t ON k.conrelid = t.oid),
            (SELECT concat(count(*), ':', sum(g.xmin::text::bigint)) FROM pg_catalog.pg_trigger g JOIN target t ON g.tgrelid = t.oid))
        """;

    private static readonly ConditionalWeakTable<NpgsqlDataSource, ConcurrentDictionary<(string Schema, StreamModel Model), TargetTables>>
        Remembered = [];

    private readonly string _fingerprint;

    private TargetTables(
        string fingerprint, LiveSchema live, string? whyNotBySet, IReadOnlyDictionary<string, SequenceState> sequences)
    {
        Live = live;
        _fingerprint = fingerprint;
        WhyNotBySet = whyNotBySet;
        Sequences = sequences;
    }

    /// <summary>The tables as they are; they fit the model.</summary>
    public LiveSchema Live { get; }

    /// <summary>What stands against checking foreign keys by set, a clause; null when nothing does.</summary>
    public string? WhyNotBySet { get; }

    /// <summary>The sequences behind the tables that have one; how far they are is as old as the reading.</summary>
    public IReadOnlyDictionary<string, SequenceState> Sequences { get; }

    /// <summary>What is remembered of the tables, or what they are now.</summary>
    /// <exception cref="StreamingException">A table is missing, or does not fit the model.</exception>
    /// <exception cref="TablesWidenedException">The tables take all that the model says, and more.</exception>
    public static async Task<TargetTables> GetAsync(
        Session session, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        var remembered = Remembered.GetOrCreateValue(connection.DataSource);
        if (remembered.TryGetValue((connection.Schema, model), out var known))
        {
            return known;
        }

        await session.BeginAsync(cancellationToken).ConfigureAwait(false);
        return remembered[(connection.Schema, model)] =
            await ReadAsync(session.Open, connection, model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True when the next call of <see cref="GetAsync"/> answers from memory.</summary>
    public static bool IsRemembered(DatabaseConnection connection, StreamModel model) =>
        Remembered.TryGetValue(connection.DataSource, out var remembered) && remembered.ContainsKey((connection.Schema, model));

    /// <summary>Forgets what is remembered: something was not as expected.</summary>
    public static void Forget(DatabaseConnection connection, StreamModel model) =>
        Remembered.GetOrCreateValue(connection.DataSource).TryRemove((connection.Schema, model), out _);

    /// <summary>Asks whether the tables are still what they were.</summary>
    public void AskWhetherCurrent(CommandBatch commands, string schema, StreamModel model, Action<bool> answer) =>
        commands.Query(FingerprintSql, row => answer(row.GetString(0) == _fingerprint), Parameter.Of(schema), Parameter.Of(Names(model)));

    private static async Task<TargetTables> ReadAsync(
        NpgsqlConnection open, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        // The fingerprint first: a change after it is seen by the next batch.
        var fingerprint = "";
        var commands = new CommandBatch(open);
        commands.Query(FingerprintSql, row => fingerprint = row.GetString(0), Parameter.Of(connection.Schema), Parameter.Of(Names(model)));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);

        var live = await CatalogReader.ReadAsync(open, connection.Schema, Names(model), cancellationToken).ConfigureAwait(false);
        Check(connection, model, live);

        var sequences = await SequenceReservation.FindAllAsync(
            open, connection.Schema, [.. model.Tables.Where(table => table.SequenceColumn is not null)], cancellationToken).ConfigureAwait(false);
        var whyNot = await SetCheckConditions.WhyNotAsync(open, connection.Schema, model, live, cancellationToken).ConfigureAwait(false);
        return new TargetTables(fingerprint, live, whyNot, sequences);
    }

    private static string[] Names(StreamModel model) => [.. model.Tables.Select(table => table.Name)];

    private static void Check(DatabaseConnection connection, StreamModel model, LiveSchema live)
    {
        if (model.Tables.FirstOrDefault(table => !live.Tables.ContainsKey(table.Name)) is { } missing)
        {
            throw new StreamingException(
                ErrorIds.TableNotFound,
                StreamingErrorKind.NotFound,
                $"Table \"{missing.Name}\" does not exist in {connection}.",
                "Create the tables with Initialize-StreamingSchema (streamingpg init).",
                missing.Name);
        }

        var wider = Widening.Adapt(model, live);
        if (wider.Tables.FirstOrDefault(table => Find(table).Count > 0) is { } other)
        {
            throw Differs(model.Table(other.Name), "");
        }

        if (wider != model)
        {
            var widened = model.Tables.Where(own => Find(own).Count > 0).ToList();
            throw new TablesWidenedException(
                live,
                [.. widened.SelectMany(own => Find(own).Select(difference => $"table {Identifier.Quote(own.Name)}: {difference}"))],
                Differs(widened[0], "A batch or a stream takes wider columns as they are with -OnSchemaChange Adapt (--on-schema-change Adapt). "));
        }

        IReadOnlyList<string> Find(TableModel own) => TableDifference.Find(connection.Schema, own, live.Tables[own.Name]);

        StreamingException Differs(TableModel own, string remedy) => new(
            ErrorIds.TableDiffers,
            StreamingErrorKind.SchemaMismatch,
            $"Table \"{own.Name}\" in {connection} does not match the model: {string.Join("; ", Find(own))}.",
            remedy + "Change the table or the metadata; Initialize-StreamingSchema -WhatIf (streamingpg init --what-if) shows every difference.",
            own.Name);
    }
}

/// <summary>The tables take all that the model says, and more.</summary>
/// <param name="live">The tables.</param>
/// <param name="differences">The differences, clauses.</param>
/// <param name="error">The error for who does not adapt to them.</param>
internal sealed class TablesWidenedException(LiveSchema live, IReadOnlyList<string> differences, StreamingException error) : Exception(error.Message, error)
{
    /// <summary>The tables.</summary>
    public LiveSchema Live => live;

    /// <summary>The differences, clauses.</summary>
    public IReadOnlyList<string> Differences => differences;

    /// <summary>The error for who does not adapt to them.</summary>
    public StreamingException Error => error;
}
