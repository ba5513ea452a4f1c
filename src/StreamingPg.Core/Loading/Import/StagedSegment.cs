using System.Buffers.Binary;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Loading.Import;

/// <summary>The rows of one table that wait to be loaded through a <see cref="StagingTable"/>, and what becomes of the faulty ones.</summary>
internal sealed class StagedSegment : IDisposable
{
    private readonly RejectFile? _rejects;
    private readonly ImportTally _tally;
    private readonly bool _mayHaveDeferredParents;
    private readonly SegmentFile _waiting = new();
    private SegmentFile _aside = new();
    private ColumnSet? _given;

    /// <param name="staging">Loads the rows.</param>
    /// <param name="rejects">Gets faulty rows; null ends the import at the first one.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="mayHaveDeferredParents">True when a row may refer to rows that are loaded after it.</param>
    public StagedSegment(StagingTable staging, RejectFile? rejects, ImportTally tally, bool mayHaveDeferredParents)
    {
        StagingTable = staging;
        _rejects = rejects;
        _tally = tally;
        _mayHaveDeferredParents = mayHaveDeferredParents;
    }

    /// <summary>Loads the rows.</summary>
    public StagingTable StagingTable { get; }

    /// <summary>The highest key of the sequence column that was loaded.</summary>
    public long? HighestKey { get; private set; }

    /// <summary>True when rows wait for others.</summary>
    public bool HasAside => _aside.Rows > 0;

    /// <summary>Takes a row.</summary>
    /// <param name="values">One value per column of the table.</param>
    /// <param name="given">The columns that the input has; null for all.</param>
    /// <param name="rowNumber">Number of the row in the input.</param>
    /// <exception cref="ValueRefusal">A value does not fit.</exception>
    public void Add(ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber)
    {
        if (!Equals(given, _given))
        {
            _waiting.Add(StagingTable.Segment.TakeBlock(), _given);
            _given = given;
        }

        if (StagingTable.Segment.Add(values, rowNumber, given) is { } full)
        {
            _waiting.Add(full, given);
        }
    }

    /// <summary>Loads all rows; those whose parents may come later are put aside.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        EndWaiting();
        await StagingTable.CreateAsync(cancellationToken).ConfigureAwait(false);
        foreach (var segmentRows in _waiting.Take())
        {
            await LoadAsync(segmentRows, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts all rows aside: they are loaded with those of another segment.</summary>
    public async Task PutAsideAsync(CancellationToken cancellationToken)
    {
        EndWaiting();
        await StagingTable.CreateAsync(cancellationToken).ConfigureAwait(false);
        foreach (var segmentRows in _waiting.Take())
        {
            _aside.Add(segmentRows);
        }
    }

    /// <summary>The rows that wait for others; they can be taken again.</summary>
    public IEnumerable<SegmentRows> TakeAside()
    {
        using var rows = _aside;
        _aside = new SegmentFile();
        foreach (var segmentRows in rows.Take())
        {
            yield return segmentRows;
            _aside.Add(segmentRows);
        }
    }

    /// <summary>Counts rows that were loaded.</summary>
    public void Count(StagingWritten written)
    {
        _tally.Inserted += written.Inserted;
        _tally.Updated += written.Updated;
    }

    /// <summary>Rejects rows that were put aside, by their numbers.</summary>
    public void RejectAside(IReadOnlyDictionary<long, RejectReason> reasons)
    {
        if (reasons.Count == 0)
        {
            return;
        }

        foreach (var segmentRows in TakeAside())
        {
            var rest = segmentRows;
            while (rest.Rows > 0)
            {
                (var row, rest) = rest.Split(1);
                if (reasons.TryGetValue(NumberOf(row), out var reason))
                {
                    Reject(row, reason);
                }
            }
        }
    }

    public void Dispose()
    {
        StagingTable.Segment.Dispose();
        _waiting.Dispose();
        _aside.Dispose();
    }

    private void EndWaiting() => _waiting.Add(StagingTable.Segment.TakeBlock(), _given);

    private async Task LoadAsync(SegmentRows rows, CancellationToken cancellationToken)
    {
        if (rows.Rows == 0)
        {
            return;
        }

        try
        {
            var written = await StagingTable.LoadAsync(rows, cancellationToken).ConfigureAwait(false);
            Count(written);
            HighestKey = written.HighestKey > HighestKey ? written.HighestKey : HighestKey ?? written.HighestKey;
            return;
        }
        catch (PostgresException error) when (MayComeLater(error))
        {
            await StagingTable.RollBackAsync(cancellationToken).ConfigureAwait(false);
            _aside.Add(rows);
            return;
        }
        catch (PostgresException error) when (_rejects is not null && RowFault.Is(error))
        {
            await StagingTable.RollBackAsync(cancellationToken).ConfigureAwait(false);
            if (rows.Rows == 1)
            {
                Reject(rows, RejectReason.Of(error));
                return;
            }
        }

        var (first, second) = rows.Split(rows.Rows / 2);
        await LoadAsync(first, cancellationToken).ConfigureAwait(false);
        await LoadAsync(second, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The server looks at references when it has found nothing else against the rows.</summary>
    private bool MayComeLater(PostgresException error) =>
        _mayHaveDeferredParents && ShardError.StateOf(error) == PostgresErrorCodes.ForeignKeyViolation;

    private void Reject(SegmentRows row, RejectReason reason)
    {
        _tally.Rejected++;
        var (number, values) = Read(row);
        _rejects!.Write(StagingTable.Segment.Table, number, reason, values);
    }

    private static long NumberOf(SegmentRows row)
    {
        var reader = new RowReader(row.Bytes.Span);
        reader.NextRow();
        return BinaryPrimitives.ReadInt64BigEndian(reader.NextField(out _));
    }

    private (long Number, IReadOnlyList<(string Column, object? Value)> Values) Read(SegmentRows row)
    {
        var reader = new RowReader(row.Bytes.Span);
        reader.NextRow();
        var number = BinaryPrimitives.ReadInt64BigEndian(reader.NextField(out _));
        var values = new List<(string, object?)>();
        foreach (var index in StagingTable.Segment.SentIndexes)
        {
            var column = StagingTable.Segment.Table.Columns[index];
            var field = reader.NextField(out var isNull);
            if (row.Given?.Contains(index) != false)
            {
                values.Add((column.Name, isNull ? null : FieldCodec.Read(column.Type, field)));
            }
        }

        return (number, values);
    }
}
