using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Which columns of a row go to the server. A column that the input does not have is left to the server where that has a default for
/// it; one that is there without a value becomes NULL, apart from a sequence column, which gets the next value.
/// </summary>
internal sealed class SentColumns
{
    private readonly TableModel _table;
    private readonly HashSet<int> _defaults;
    private readonly int _sequence;
    private (ColumnSet? Given, bool SequenceGivesKey) _lastAsked;
    private ColumnSet? _lastAnswer;

    /// <param name="table">Table of the model.</param>
    /// <param name="live">The same table in the database: it knows the defaults.</param>
    public SentColumns(TableModel table, LiveTable live)
    {
        _table = table;
        _sequence = table.SequenceColumn is null ? -1 : ImportSegment.SequenceIndex(table);
        _defaults = [.. Indexes().Where(index => index != _sequence
            && live.Columns.Any(column => column.Name == table.Columns[index].Name && column is { HasDefault: true, IsGenerated: false }))];
    }

    /// <summary>True when a column other than the sequence has a default.</summary>
    public bool HasDefaults => _defaults.Count > 0;

    /// <summary>The columns of a row that are sent; null for all.</summary>
    /// <param name="sequenceGivesKey">True when the row has no value for the sequence column.</param>
    /// <param name="given">The columns that the input has; null for all.</param>
    /// <exception cref="ValueRefusal">There is nothing to send.</exception>
    public ColumnSet? Of(bool sequenceGivesKey, ColumnSet? given)
    {
        if (sequenceGivesKey != _lastAsked.SequenceGivesKey || !Equals(given, _lastAsked.Given))
        {
            var sent = Indexes().Where(index => index == _sequence ? !sequenceGivesKey : IsSent(index, given)).ToList();
            if (sent.Count == 0)
            {
                throw new ValueRefusal($"none of its properties matches a column of \"{_table.Name}\"");
            }

            _lastAsked = (given, sequenceGivesKey);
            _lastAnswer = sent.Count == _table.Columns.Count ? null : new ColumnSet(sent);
        }

        return _lastAnswer;
    }

    /// <summary>False for a column that the server gives its default.</summary>
    public bool IsSent(int index, ColumnSet? given) => given is null || given.Contains(index) || !_defaults.Contains(index);

    private IEnumerable<int> Indexes() => Enumerable.Range(0, _table.Columns.Count);
}

/// <summary>Some columns of a table, by their place in the model.</summary>
internal sealed class ColumnSet : IEquatable<ColumnSet>
{
    private readonly int[] _indexes;

    /// <summary>A set of the columns at these places.</summary>
    public ColumnSet(IEnumerable<int> indexes) => _indexes = [.. indexes.Distinct().Order()];

    /// <summary>True when the column at this place is in the set.</summary>
    public bool Contains(int index) => Array.BinarySearch(_indexes, index) >= 0;

    /// <inheritdoc/>
    public bool Equals(ColumnSet? other) =>
        other is not null && (ReferenceEquals(_indexes, other._indexes) || _indexes.AsSpan().SequenceEqual(other._indexes));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ColumnSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _indexes.Aggregate(0, HashCode.Combine);
}
