using System.Buffers.Binary;
using Npgsql;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading;

/// <summary>The rows of one table that wait to be loaded through a <see cref="Stage"/>, and what becomes of the faulty ones.</summary>
internal sealed class StagedLane : IDisposable
{
    private readonly Stage _stage;
    private readonly RejectFile? _rejects;
    private readonly ImportTally _tally;
    private readonly bool _mayHaveLateParents;
    private readonly SliceSpool _waiting = new();
    private SliceSpool _aside = new();
    private ColumnSet? _given;
    private StageWritten _written;
    private bool _isLastTry;

    /// <param name="stage">Loads the rows.</param>
    /// <param name="rejects">Gets faulty rows; null ends the import at the first one.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="mayHaveLateParents">True when a row may refer to rows that are loaded after it.</param>
    public StagedLane(Stage stage, RejectFile? rejects, ImportTally tally, bool mayHaveLateParents)
    {
        _stage = stage;
        _rejects = rejects;
        _tally = tally;
        _mayHaveLateParents = mayHaveLateParents;
    }

    /// <summary>The highest key of the sequence column that was loaded.</summary>
    public long? HighestKey => _written.HighestKey;

    /// <summary>Takes a row.</summary>
    /// <exception cref="ValueRefusal">A value does not fit.</exception>
    public void Add(ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber)
    {
        if (!Equals(given, _given))
        {
            _waiting.Add(_stage.Lane.TakeBlock(), _given);
            _given = given;
        }

        if (_stage.Lane.Add(values, rowNumber) is { } full)
        {
            _waiting.Add(full, given);
        }
    }

    /// <summary>Loads all rows; those whose parents may come later are put aside.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _waiting.Add(_stage.Lane.TakeBlock(), _given);
        await _stage.CreateAsync(cancellationToken).ConfigureAwait(false);
        await LoadAsync(_waiting, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries the rows that were put aside once more.</summary>
    /// <returns>How many are no longer aside.</returns>
    public async Task<long> RetryAsync(CancellationToken cancellationToken)
    {
        using var again = _aside;
        _aside = new SliceSpool();
        await LoadAsync(again, cancellationToken).ConfigureAwait(false);
        return again.Rows - _aside.Rows;
    }

    /// <summary>Tries the rows that are still aside for the last time: what has no parent now is faulty.</summary>
    public async Task RefuseRestAsync(CancellationToken cancellationToken)
    {
        _isLastTry = true;
        await RetryAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stage.Lane.Dispose();
        _waiting.Dispose();
        _aside.Dispose();
    }

    private async Task LoadAsync(SliceSpool rows, CancellationToken cancellationToken)
    {
        foreach (var slice in rows.Take())
        {
            await LoadAsync(slice, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LoadAsync(RowSlice rows, CancellationToken cancellationToken)
    {
        if (rows.Rows == 0)
        {
            return;
        }

        try
        {
            var written = await _stage.LoadAsync(rows, cancellationToken).ConfigureAwait(false);
            _written += written;
            _tally.Inserted += written.Inserted;
            _tally.Updated += written.Updated;
            return;
        }
        catch (PostgresException error) when (MayGoOn(error))
        {
            await _stage.RollBackAsync(cancellationToken).ConfigureAwait(false);
            if (rows.Rows == 1)
            {
                Refuse(rows, error);
                return;
            }
        }

        var (first, second) = rows.Halve();
        await LoadAsync(first, cancellationToken).ConfigureAwait(false);
        await LoadAsync(second, cancellationToken).ConfigureAwait(false);
    }

    private bool MayGoOn(PostgresException error) => MayComeLater(error) || (_rejects is not null && RowFault.Is(error));

    private bool MayComeLater(PostgresException error) =>
        _mayHaveLateParents && !_isLastTry && error.SqlState == PostgresErrorCodes.ForeignKeyViolation;

    private void Refuse(RowSlice row, PostgresException error)
    {
        if (MayComeLater(error))
        {
            _aside.Add(row);
            return;
        }

        _tally.Rejected++;
        var (number, values) = Read(row);
        _rejects!.Write(_stage.Lane.Table, number, RejectReason.Of(error), values);
    }

    private (long Number, IReadOnlyList<(string Column, object? Value)> Values) Read(RowSlice row)
    {
        var reader = new RowReader(row.Bytes.Span);
        reader.NextRow();
        var number = BinaryPrimitives.ReadInt64BigEndian(reader.NextField(out _));
        var values = new List<(string, object?)>();
        foreach (var index in _stage.Lane.SentIndexes)
        {
            var column = _stage.Lane.Table.Columns[index];
            var field = reader.NextField(out var isNull);
            if (row.Given?.Contains(index) != false)
            {
                values.Add((column.Name, isNull ? null : FieldCodec.Read(column.Type, field)));
            }
        }

        return (number, values);
    }
}
