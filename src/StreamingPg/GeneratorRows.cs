using System.Collections;

namespace StreamingPg;

/// <summary>A block of rows that a generator of your own makes the values of one column for.</summary>
public sealed class GeneratorRows : IReadOnlyList<GeneratorRow>
{
    private readonly Func<string, IReadOnlyList<object?>> _read;
    private readonly Dictionary<string, IReadOnlyList<object?>> _columns = new(StringComparer.Ordinal);

    /// <summary>A block of rows.</summary>
    /// <param name="table">Table.</param>
    /// <param name="column">Column to make the values of.</param>
    /// <param name="first">Number of the first row, from 1.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="read">Gives the values of another column of these rows.</param>
    public GeneratorRows(string table, string column, long first, int count, Func<string, IReadOnlyList<object?>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        Table = table;
        Column = column;
        First = first;
        Count = count;
        _read = read;
    }

    /// <summary>Table.</summary>
    public string Table { get; }

    /// <summary>Column to make the values of.</summary>
    public string Column { get; }

    /// <summary>Number of the first row within the batch, from 1.</summary>
    public long First { get; }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Arguments of the generator in metadata: text, decimal or bool.</summary>
    public IReadOnlyDictionary<string, object> Arguments { get; init; } = new Dictionary<string, object>();

    /// <summary>A row.</summary>
    /// <param name="index">Its place in the block, from 0.</param>
    public GeneratorRow this[int index] => index >= 0 && index < Count ? new GeneratorRow(this, index) : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The values of another column of these rows; they are made when they are first asked for.</summary>
    /// <param name="column">The column.</param>
    public IReadOnlyList<object?> this[string column]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(column);
            if (!_columns.TryGetValue(column, out var values))
            {
                _columns[column] = values = _read(column);
            }

            return values;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<GeneratorRow> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return new GeneratorRow(this, index);
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A row that a generator of your own makes a value for.</summary>
public sealed class GeneratorRow
{
    private readonly GeneratorRows _rows;
    private readonly int _index;

    internal GeneratorRow(GeneratorRows rows, int index)
    {
        _rows = rows;
        _index = index;
    }

    /// <summary>Number of the row within the batch, from 1.</summary>
    public long Number => _rows.First + _index;

    /// <summary>The value of another column of the row.</summary>
    /// <param name="column">The column.</param>
    public object? this[string column] => _rows[column][_index];
}
