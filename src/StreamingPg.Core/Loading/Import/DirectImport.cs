using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>The fast way: COPY into the tables themselves; the first row that the server refuses ends the import.</summary>
/// <remarks>Rows of the first table that refers to nothing go to the server as they come; rows of other tables wait in a
/// temporary file for their turn, unless no others come. Rows that leave different columns to the server need a COPY each time that the columns change, so
/// they are sorted by these, a block at a time.</remarks>
internal sealed class DirectImport : ImportRoute
{
    // Rows may lack columns in many ways, and each way keeps a block.
    private const int MostOpenSegments = 64;

    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly IReadOnlyDictionary<TableModel, SentColumns> _sentColumns;
    private readonly InsertCounter _inserted;
    private readonly CancellationToken _cancellationToken;
    private readonly List<(ColumnSet? Sent, ImportSegment Segment)> _segments = [];
    private readonly Dictionary<TableModel, SegmentFile> _segmentFiles = [];
    private readonly Dictionary<TableModel, long> _highestKeys = [];
    private bool _areKeysVerified;
    private TableModel? _verifiedLive;
    private long _askAgainFrom = ImportedKeys.WorthwhileRows;
    private LiveCopy? _live;
    private ColumnSet? _liveSent;
    private (ColumnSet? Sent, ImportSegment? Segment) _last;

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables.</param>
    /// <param name="sentColumns">What is sent of each table.</param>
    /// <param name="inserted">Began to count before the first row.</param>
    /// <param name="cancellationToken">Cancels the whole import.</param>
    public DirectImport(
        NpgsqlConnection open,
        string schema,
        StreamModel model,
        IReadOnlyDictionary<TableModel, SentColumns> sentColumns,
        InsertCounter inserted,
        CancellationToken cancellationToken)
    {
        _open = open;
        _schema = schema;
        _model = model;
        _sentColumns = sentColumns;
        _inserted = inserted;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Verifies foreign keys by set where there are many rows; null leaves them to the triggers.</summary>
    public ImportedKeys? Keys { get; init; }

    /// <summary>True if all rows come for one table: those that they refer to are there, or come with them.</summary>
    public bool IsOneTable { get; init; }

    /// <inheritdoc/>
    public override ForeignKeyCheck ForeignKeyCheck => _areKeysVerified ? ForeignKeyCheck.Set : ForeignKeyCheck.Row;

    /// <inheritdoc/>
    public override void Add(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber)
    {
        var sequenceGivesKey = ImportSegment.LeavesKeyToSequence(table, values);
        if (table.SequenceColumn is not null && !sequenceGivesKey)
        {
            RememberKey(table, values[ImportSegment.SequenceIndex(table)]!);
        }

        var sent = _sentColumns[table].Of(sequenceGivesKey, given);
        var full = SegmentFor(table, sent).Add(values, rowNumber);
        TallyOf(table).Read++;
        if (full is null)
        {
            return;
        }

        if (IsLive(table, sent))
        {
            _live!.Send(full, HighestKeyOf(table));
        }
        else
        {
            _segmentFiles[table].Add(full, sent);
            GoLiveIfWorthwhile(table, sent);
        }
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<(TableModel Table, ImportTally Tally)>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_live is { } live)
        {
            await live.CompleteAsync(live.Segment.TakeBlock(), HighestKeyOf(live.Segment.Table), cancellationToken).ConfigureAwait(false);
        }

        CloseSegments();
        foreach (var table in _model.Tables)
        {
            if (_highestKeys.TryGetValue(table, out var highest))
            {
                await SequenceReservation.KeepAheadAsync(_open, _schema, table, highest, cancellationToken).ConfigureAwait(false);
            }

            var segmentFile = _segmentFiles.GetValueOrDefault(table);
            if (segmentFile is not null || table == _verifiedLive)
            {
                await SendAndVerifyAsync(table, segmentFile, cancellationToken).ConfigureAwait(false);
            }
        }

        await CountAsync(Tallies(_model).Select(entry => entry.Table), cancellationToken).ConfigureAwait(false);
        return Tallies(_model);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_live is { } live)
        {
            _live = null;
            await live.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var disposable in _segments.Select(entry => entry.Segment).Concat<IDisposable>(_segmentFiles.Values))
        {
            disposable.Dispose();
        }
    }

    private ImportSegment SegmentFor(TableModel table, ColumnSet? sent)
    {
        if (_last.Segment is { } last && last.Table == table && Equals(_last.Sent, sent))
        {
            return last;
        }

        _last = _segments.Find(entry => entry.Segment.Table == table && Equals(entry.Sent, sent));
        return _last.Segment ?? OpenSegment(table, sent);
    }

    private ImportSegment OpenSegment(TableModel table, ColumnSet? sent)
    {
        if (_segments.Count == MostOpenSegments)
        {
            CloseSegments();
        }

        var segment = new ImportSegment(table, sent);
        _segments.Add((sent, segment));
        _last = (sent, segment);

        // Rows that get their key from a sequence wait until it is ahead of the keys that others of the import bring.
        if (_live is null && table.ForeignKeys.Count == 0 && table.SequenceColumn is null)
        {
            _live = new LiveCopy(_open, _schema, segment, _cancellationToken);
            _liveSent = sent;
        }
        else if (!_segmentFiles.ContainsKey(table))
        {
            _segmentFiles.Add(table, new SegmentFile());
        }

        return segment;
    }

    /// <summary>
    /// Sends rows as they come from now on, and those that waited, once they are enough to be verified by set. Without another table's rows
    /// there is nothing that they must wait for.
    /// </summary>
    private void GoLiveIfWorthwhile(TableModel table, ColumnSet? sent)
    {
        if (!IsOneTable || Keys is null || _live is not null || _segments is not [var (_, segment)] || segment.SequenceGivesKey
            || TallyOf(table).Read is var rows && rows < _askAgainFrom)
        {
            return;
        }

        if (!Keys.AreWorthwhileAsync(table, rows).GetAwaiter().GetResult())
        {
            _askAgainFrom = 2 * rows;
            return;
        }

        Keys.BeginAsync().GetAwaiter().GetResult();
        _verifiedLive = table;
        _live = new LiveCopy(_open, _schema, segment, _cancellationToken);
        _liveSent = sent;
        _segmentFiles.Remove(table, out var waiting);
        using (waiting)
        {
            foreach (var block in waiting!.TakeBlocks())
            {
                _live.Send(block, HighestKeyOf(table));
            }
        }
    }

    private long? HighestKeyOf(TableModel table) => _highestKeys.TryGetValue(table, out var highest) ? highest : null;

    private bool IsLive(TableModel table, ColumnSet? sent) => _live?.Segment.Table == table && Equals(sent, _liveSent);

    /// <summary>Sets aside the rows of the segments, except for the one that is sent to the server as it comes.</summary>
    private void CloseSegments()
    {
        foreach (var (sent, segment) in _segments.Where(entry => entry.Segment != _live?.Segment))
        {
            _segmentFiles[segment.Table].Add(segment.TakeBlock(), sent);
            segment.Dispose();
        }

        _segments.RemoveAll(entry => entry.Segment != _live?.Segment);
    }

    private void RememberKey(TableModel table, object value)
    {
        try
        {
            _highestKeys[table] = Math.Max(NumberConverter.ToInt64(value), _highestKeys.GetValueOrDefault(table, long.MinValue));
        }
        catch (FormatException)
        {
            // Refused when the row is encoded, with its place.
        }
    }

    /// <summary>Sends the rows of a table that wait, and verifies all of it where that is not left to the triggers.</summary>
    private async Task SendAndVerifyAsync(TableModel table, SegmentFile? segmentFile, CancellationToken cancellationToken)
    {
        var isBegun = table == _verifiedLive;
        var keys = isBegun || (Keys is not null && await Keys.AreWorthwhileAsync(table, TallyOf(table).Read).ConfigureAwait(false)) ? Keys : null;
        if (keys is not null && !isBegun)
        {
            await keys.BeginAsync().ConfigureAwait(false);
        }

        if (segmentFile is not null)
        {
            await SendAsync(table, segmentFile, cancellationToken).ConfigureAwait(false);
        }

        if (keys is not null)
        {
            await CountAsync([table], cancellationToken).ConfigureAwait(false);
            await keys.EndAsync(table, TallyOf(table).Inserted).ConfigureAwait(false);
            _areKeysVerified = true;
        }
    }

    private async Task SendAsync(TableModel table, SegmentFile segmentFile, CancellationToken cancellationToken)
    {
        using var segmentRows = segmentFile.Take().GetEnumerator();
        var isMore = segmentRows.MoveNext();
        while (isMore)
        {
            var sent = segmentRows.Current.Given;
            var target = await BeginCopyAsync(table, sent, cancellationToken).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                while (isMore && Equals(segmentRows.Current.Given, sent))
                {
                    await target.SendAsync(segmentRows.Current.Bytes, cancellationToken).ConfigureAwait(false);
                    isMore = segmentRows.MoveNext();
                }

                await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task<CopyTarget> BeginCopyAsync(TableModel table, ColumnSet? sent, CancellationToken cancellationToken)
    {
        using var segment = new ImportSegment(table, sent);
        return CopyTarget.BeginAsync(_open, _schema, table.Name, segment.Columns, cancellationToken);
    }

    /// <summary>Adds up the rows of tables since they were counted last, by the server's own count of this transaction.</summary>
    private async Task CountAsync(IEnumerable<TableModel> tables, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(_open);
        foreach (var table in tables)
        {
            if (table.Layout.Distribution is not null)
            {
                TallyOf(table).Inserted = TallyOf(table).Read; // what the coordinator counts are its own rows, and Citus has no triggers that could leave some out
                continue;
            }

            _inserted.Count(commands, table, count => TallyOf(table).Inserted += count);
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
