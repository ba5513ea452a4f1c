using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// The way for rows that may be faulty or be there already: in chunks through a temporary table, each within a savepoint. A chunk
/// that the server refuses is halved until the faulty rows stand alone.
/// </summary>
internal sealed class StagedImport : ImportRoute
{
    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly StreamModel _model;
    private readonly ImportOptions _options;
    private readonly RejectFile? _rejects;
    private readonly Dictionary<(TableModel Table, bool SequenceGivesKey), StagedLane> _lanes = [];

    /// <param name="open">Connection with the import's transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">What is asked for.</param>
    public StagedImport(NpgsqlConnection open, string schema, StreamModel model, ImportOptions options)
    {
        _open = open;
        _schema = schema;
        _model = model;
        _options = options;
        _rejects = options.OnError == ImportErrorAction.Reject ? RejectFile.Create(options.RejectPath!) : null;
    }

    /// <inheritdoc/>
    public override void Add(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber)
    {
        var tally = TallyOf(table);
        tally.Read++;
        try
        {
            LaneFor(table, values).Add(values, _options.OnConflict == ConflictAction.Update ? given : null, rowNumber);
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

        // Rows whose parents came after them, until a round brings no more in.
        var lanes = _lanes.Values.ToList();
        while (await RetryAsync(lanes, cancellationToken).ConfigureAwait(false) > 0)
        {
        }

        foreach (var lane in lanes)
        {
            await lane.RefuseRestAsync(cancellationToken).ConfigureAwait(false);
        }

        _rejects?.Complete();
        return Tallies(_model);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values)
        {
            lane.Dispose();
        }

        _rejects?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A constraint that waits for the commit would refuse all rows there instead of the faulty one.</summary>
    private async Task CheckAtOnceAsync(CancellationToken cancellationToken)
    {
        var trip = new RoundTrip(_open);
        trip.Add("SET CONSTRAINTS ALL IMMEDIATE");
        await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private StagedLane LaneFor(TableModel table, ReadOnlySpan<object?> values)
    {
        var key = (table, ImportLane.LeavesKeyToSequence(table, values));
        if (!_lanes.TryGetValue(key, out var lane))
        {
            var stage = new Stage(_open, _schema, new ImportLane(table, key.Item2, isNumbered: true), _options.OnConflict, $"streamingpg_import_{_lanes.Count}");
            lane = new StagedLane(stage, _rejects, TallyOf(table), MayHaveLateParents(table));
            _lanes.Add(key, lane);
        }

        return lane;
    }

    /// <summary>True when rows of the table may refer to rows that are loaded after them.</summary>
    private bool MayHaveLateParents(TableModel table) => _model.Tables
        .SkipWhile(other => other != table)
        .Any(later => table.ForeignKeys.Any(key => key.ParentTable == later.Name));

    /// <summary>Rows that bring their key go first: a sequence must not give what they bring.</summary>
    private async Task LoadAsync(TableModel table, CancellationToken cancellationToken)
    {
        if (_lanes.TryGetValue((table, false), out var withKey))
        {
            await withKey.LoadAsync(cancellationToken).ConfigureAwait(false);
            while (await withKey.RetryAsync(cancellationToken).ConfigureAwait(false) > 0)
            {
            }

            if (withKey.HighestKey is { } highest)
            {
                await SequenceReservation.KeepAheadAsync(_open, _schema, table, highest, cancellationToken).ConfigureAwait(false);
            }
        }

        if (_lanes.TryGetValue((table, true), out var withoutKey))
        {
            await withoutKey.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<long> RetryAsync(IEnumerable<StagedLane> lanes, CancellationToken cancellationToken)
    {
        var loaded = 0L;
        foreach (var lane in lanes)
        {
            loaded += await lane.RetryAsync(cancellationToken).ConfigureAwait(false);
        }

        return loaded;
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
