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
    private static readonly ConditionalWeakTable<NpgsqlDataSource, ConcurrentDictionary<(string Schema, StreamModel Model), TargetTables>>
        Remembered = [];

    private readonly IReadOnlyDictionary<string, TableFingerprint> _fingerprints;
    private readonly TableFingerprint _fingerprint;
    private readonly SetCheckConditions _conditions;

    private TargetTables(
        StreamModel model,
        IReadOnlyDictionary<string, TableFingerprint> fingerprints,
        LiveSchema live,
        SetCheckConditions conditions,
        IReadOnlyDictionary<string, SequenceState> sequences)
    {
        _fingerprints = fingerprints;
        _fingerprint = TableFingerprint.Sum(model.Tables.Select(table => fingerprints[table.Name]));
        _conditions = conditions;
        Live = live;
        WhyNotBySet = conditions.WhyNot(model);
        MayLeaveTriggersOut = conditions.WhyNotWithoutTriggers(model) is null;
        ByRow = conditions.ByRow(model);
        Sequences = sequences;
    }

    /// <summary>The tables as they are; they fit the model.</summary>
    public LiveSchema Live { get; }

    /// <summary>What stands against checking foreign keys by set in all tables, a clause; null when nothing does.</summary>
    public string? WhyNotBySet { get; }

    /// <summary>True when the triggers of the tables may be left out by whoever verifies the foreign keys.</summary>
    public bool MayLeaveTriggersOut { get; }

    /// <summary>The tables whose foreign keys need their triggers, and why, a clause each.</summary>
    public IReadOnlyDictionary<string, string> ByRow { get; }

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
        TableFingerprint.Ask(commands, schema, Names(model), current => answer(current.IsSame(_fingerprint)));

    /// <summary>Reads the tables of a model once for batches of parts of it, see <see cref="Remember"/>.</summary>
    /// <exception cref="StreamingException">A table is missing, or does not fit the model.</exception>
    /// <exception cref="TablesWidenedException">The tables take all that the model says, and more.</exception>
    public static async Task<TargetTables> ReadAsync(DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(session.Open, connection, model, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the next batch of some of the tables find them in memory, where all of them were read.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="part">Some of the tables; of their columns other things may be known now, but no other names and types.</param>
    public void Remember(DatabaseConnection connection, StreamModel part)
    {
        if (part.Tables.All(table => _fingerprints.ContainsKey(table.Name)))
        {
            Remembered.GetOrCreateValue(connection.DataSource)[(connection.Schema, part)] = new TargetTables(part, _fingerprints, Live, _conditions, Sequences);
        }
    }

    private static async Task<TargetTables> ReadAsync(
        NpgsqlConnection open, DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        // The fingerprints first: a change after them is seen by the next batch.
        var fingerprints = await TableFingerprint.ReadAsync(open, connection.Schema, Names(model), cancellationToken).ConfigureAwait(false);
        var live = await CatalogReader.ReadAsync(open, connection.Schema, Names(model), cancellationToken).ConfigureAwait(false);
        Check(connection, model, live);

        var sequences = await SequenceReservation.FindAllAsync(
            open, connection.Schema, [.. model.Tables.Where(table => table.SequenceColumn is not null)], cancellationToken).ConfigureAwait(false);
        var conditions = await SetCheckConditions.ReadAsync(open, connection.Schema, model, live, cancellationToken).ConfigureAwait(false);
        return new TargetTables(model, fingerprints, live, conditions, sequences);
    }

    private static string[] Names(StreamModel model) => [.. model.Tables.Select(table => table.Name)];

    private static void Check(DatabaseConnection connection, StreamModel model, LiveSchema live)
    {
        if (model.Tables.FirstOrDefault(table => !live.Tables.ContainsKey(table.Name)) is { } missing)
        {
            throw MissingTable.Error(connection, missing.Name);
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
                onlyKeys: KeyTypes.AsLive(model, live).Tables.All(keyed => Find(keyed).Count == 0),
                Differs(widened[0], "A batch or a stream takes wider columns as they are with -OnSchemaChange Adapt (--on-schema-change Adapt). "));
        }

        IReadOnlyList<string> Find(TableModel own) => TableDifference.Find(connection.Schema, wider.Find(own.Name) == own ? wider : model, own, live.Tables[own.Name]);

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
/// <param name="onlyKeys">True when nothing but integer keys is wider.</param>
/// <param name="error">The error for who does not adapt to them.</param>
internal sealed class TablesWidenedException(LiveSchema live, IReadOnlyList<string> differences, bool onlyKeys, StreamingException error) : Exception(error.Message, error)
{
    /// <summary>True when nothing but integer keys is wider, which everybody adapts to.</summary>
    public bool OnlyKeys => onlyKeys;

    /// <summary>The tables.</summary>
    public LiveSchema Live => live;

    /// <summary>The differences, clauses.</summary>
    public IReadOnlyList<string> Differences => differences;

    /// <summary>The error for who does not adapt to them.</summary>
    public StreamingException Error => error;
}
