using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// The way for rows that may be faulty or be there already: in chunks through a temporary table, each within a savepoint. A chunk
/// that the server refuses is halved until the faulty rows stand alone.
/// </summary>
internal sealed class StagedImport : ImportRoute
{
    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly LiveSchema _live;
    private readonly IReadOnlyDictionary<TableModel, SentColumns> _sentColumns;
    private readonly ImportOptions _options;
    private readonly HashSet<string> _waiting;
    private readonly RejectFile? _rejects;
    private readonly Dictionary<(TableModel Table, bool SequenceGivesKey), StagedSegment> _segments = [];

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables, stored as they are.</param>
    /// <param name="live">The tables in the database.</param>
    /// <param name="sentColumns">What is sent of each table.</param>
    /// <param name="options">The options.</param>
    public StagedImport(
        NpgsqlConnection open,
        string schema,
        StreamModel model,
        LiveSchema live,
        IReadOnlyDictionary<TableModel, SentColumns> sentColumns,
        ImportOptions options)
    {
        _open = open;
        _schema = schema;
        _model = model;
        _live = live;
        _sentColumns = sentColumns;
        _options = options;
        _waiting = WaitingTables(model);
        _rejects = options.OnError == ImportErrorAction.Reject ? RejectFile.Create(options.RejectPath!) : null;
    }

    /// <inheritdoc/>
    public override void Add(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber)
    {
        var tally = TallyOf(table);
        tally.Read++;
        try
        {
            var sequenceGivesKey = ImportSegment.LeavesKeyToSequence(table, values);
            var sent = _sentColumns[table].Of(sequenceGivesKey, given);
            SegmentFor(table, sequenceGivesKey).Add(values, _options.OnConflict == ConflictAction.Update ? given : sent, rowNumber);
        }
        catch (ValueRefusal refusal) when (_rejects is not null)
        {
            tally.Rejected++;
            _rejects.Write(table, rowNumber, RejectReason.Of(refusal), Pairs(table, values, given));
        }
    }

    /// <inheritdoc/>
    public override bool TryReject(TableModel table, long rowNumber, ValueRefusal refusal, string text)
    {
        if (_rejects is null)
        {
            return false;
        }

        var tally = TallyOf(table);
        tally.Read++;
        tally.Rejected++;
        _rejects.Write(table, rowNumber, RejectReason.Of(refusal), text);
        return true;
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<(TableModel Table, ImportTally Tally)>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_rejects is not null)
        {
            await CheckAtOnceAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in _model.Tables)
        {
            await LoadAsync(table, cancellationToken).ConfigureAwait(false);
        }

        var segments = _model.Tables.SelectMany(table => SegmentsOf(table));
        await new DeferredRows(_open, _schema, _live, segments, mayReject: _rejects is not null).LoadAsync(cancellationToken).ConfigureAwait(false);
        _rejects?.Complete();
        return Tallies(_model);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        _rejects?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A constraint that waits for the commit would refuse all rows there instead of the faulty one.</summary>
    private async Task CheckAtOnceAsync(CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(_open);
        commands.Add("SET CONSTRAINTS ALL IMMEDIATE");
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private StagedSegment SegmentFor(TableModel table, bool sequenceGivesKey)
    {
        var key = (table, sequenceGivesKey);
        if (!_segments.TryGetValue(key, out var segment))
        {
            var sent = _sentColumns[table];
            var encoder = new ImportSegment(table, sent.Of(sequenceGivesKey, given: null), isNumbered: true);
            var sql = new StagingSql(_schema, encoder, sent, _options.OnConflict, StoredKeys.PrimaryKey(table));
            var staging = new StagingTable(_open, encoder, sql, $"streamingpg_import_{_segments.Count}");
            segment = new StagedSegment(staging, _rejects, TallyOf(table), _waiting.Contains(table.Name));
            _segments.Add(key, segment);
        }

        return segment;
    }

    /// <summary>The tables whose rows may refer to rows that are loaded after them, or that wait for such rows.</summary>
    private static HashSet<string> WaitingTables(StreamModel model)
    {
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        var before = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in model.Tables)
        {
            if (table.ForeignKeys.Any(key => !before.Contains(key.ParentTable) || waiting.Contains(key.ParentTable)))
            {
                waiting.Add(table.Name);
            }

            before.Add(table.Name);
        }

        return waiting;
    }

    /// <summary>Rows that bring their key go first: a sequence must not give what they bring.</summary>
    private IEnumerable<StagedSegment> SegmentsOf(TableModel table) =>
        _segments.Where(entry => entry.Key.Table == table).OrderBy(entry => entry.Key.SequenceGivesKey).Select(entry => entry.Value);

    private async Task LoadAsync(TableModel table, CancellationToken cancellationToken)
    {
        var isAside = false;
        foreach (var segment in SegmentsOf(table))
        {
            await (isAside ? segment.PutAsideAsync(cancellationToken) : segment.LoadAsync(cancellationToken)).ConfigureAwait(false);
            isAside = segment.HasAside;
            if (segment.HighestKey is { } highest)
            {
                await SequenceReservation.KeepAheadAsync(_open, _schema, table, highest, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static List<(string Column, object? Value)> Pairs(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given)
    {
        var pairs = new List<(string, object?)>();
        for (var index = 0; index < values.Length; index++)
        {
            if (given is null || given.Contains(index))
            {
                pairs.Add((table.Columns[index].Name, values[index]));
            }
        }

        return pairs;
    }
}
