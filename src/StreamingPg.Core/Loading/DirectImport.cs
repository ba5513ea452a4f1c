using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>The fast way: COPY into the tables themselves; the first row that the server refuses ends the import.</summary>
/// <remarks>Rows of the first table that refers to nothing go to the server as they come; rows of other tables wait in a
/// temporary file for their turn.</remarks>
internal sealed class DirectImport : ImportRoute
{
    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly InsertCounter _inserted;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<(TableModel Table, bool SequenceGivesKey), ImportLane> _lanes = [];
    private readonly Dictionary<ImportLane, RowSpool> _spools = [];
    private readonly Dictionary<TableModel, long> _highestKeys = [];
    private LiveCopy? _live;

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables.</param>
    /// <param name="inserted">Began to count before the first row.</param>
    /// <param name="cancellationToken">Cancels the whole import.</param>
    public DirectImport(
        NpgsqlConnection open, string schema, StreamModel model, InsertCounter inserted, CancellationToken cancellationToken)
    {
        _open = open;
        _schema = schema;
        _model = model;
        _inserted = inserted;
        _cancellationToken = cancellationToken;
    }

    /// <inheritdoc/>
    public override void Add(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber)
    {
        var lane = LaneFor(table, values);
        if (lane.Add(values, rowNumber) is not { } full)
        {
            return;
        }

        if (_spools.TryGetValue(lane, out var spool))
        {
            spool.Add(full);
        }
        else
        {
            _live!.Send(full);
        }
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<(TableModel Table, ImportTally Tally)>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_live is { } live)
        {
            await live.CompleteAsync(live.Lane.TakeBlock(), cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in _model.Tables)
        {
            if (_highestKeys.TryGetValue(table, out var highest))
            {
                await SequenceReservation.KeepAheadAsync(_open, _schema, table, highest, cancellationToken).ConfigureAwait(false);
            }

            foreach (var lane in _lanes.Values.Where(lane => lane.Table == table && _spools.ContainsKey(lane)))
            {
                await SendAsync(lane, _spools[lane], cancellationToken).ConfigureAwait(false);
            }
        }

        await CountAsync(cancellationToken).ConfigureAwait(false);
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

        foreach (var disposable in _lanes.Values.Concat<IDisposable>(_spools.Values))
        {
            disposable.Dispose();
        }
    }

    private ImportLane LaneFor(TableModel table, ReadOnlySpan<object?> values)
    {
        var sequenceGivesKey = ImportLane.LeavesKeyToSequence(table, values);
        if (table.SequenceColumn is not null && !sequenceGivesKey)
        {
            RememberKey(table, values[ImportLane.SequenceIndex(table)]!);
        }

        if (!_lanes.TryGetValue((table, sequenceGivesKey), out var lane))
        {
            lane = new ImportLane(table, sequenceGivesKey);
            _lanes.Add((table, sequenceGivesKey), lane);

            // Rows that get their key from a sequence wait until it is ahead of the keys that others of the import bring.
            if (_live is null && table.ForeignKeys.Count == 0 && table.SequenceColumn is null)
            {
                _live = new LiveCopy(_open, _schema, lane, _cancellationToken);
            }
            else
            {
                _spools.Add(lane, new RowSpool());
            }
        }

        return lane;
    }

    private void RememberKey(TableModel table, object value)
    {
        try
        {
            _highestKeys[table] = Math.Max(ValueConverter.ToInt64(value), _highestKeys.GetValueOrDefault(table, long.MinValue));
        }
        catch (FormatException)
        {
            // Refused when the row is encoded, with its place.
        }
    }

    private async Task SendAsync(ImportLane lane, RowSpool spool, CancellationToken cancellationToken)
    {
        spool.Add(lane.TakeBlock());
        var target = await CopyTarget.BeginAsync(_open, _schema, lane.Table.Name, lane.Columns, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            foreach (var block in spool.Take())
            {
                using (block)
                {
                    await target.SendAsync(block, cancellationToken).ConfigureAwait(false);
                }
            }

            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Rows per table that got any, by the server's own count of this transaction.</summary>
    private async Task CountAsync(CancellationToken cancellationToken)
    {
        var trip = new RoundTrip(_open);
        foreach (var table in _lanes.Values.GroupBy(lane => lane.Table))
        {
            var tally = TallyOf(table.Key);
            tally.Read = table.Sum(lane => lane.Rows);
            _inserted.Count(trip, table.Key, count => tally.Inserted = count);
        }

        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
