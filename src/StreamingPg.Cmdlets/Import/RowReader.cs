using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads objects of one kind into the columns of one table.</summary>
internal abstract class RowReader
{
    private readonly InputTable _input;
    private readonly object?[] _values;

    protected RowReader(InputTable input)
    {
        _input = input;
        _values = new object?[input.Table.Columns.Count];
    }

    /// <summary>The table the rows go to.</summary>
    public TableModel Table => _input.Table;

    /// <summary>The columns that the row that was read last has.</summary>
    public ColumnSet? Given { get; private set; }

    /// <summary>The row that was read last, in the order of the columns.</summary>
    protected ReadOnlySpan<object?> Values => _values;

    /// <summary>Reads an object; what is returned is good until the next call.</summary>
    public abstract ReadOnlySpan<object?> Read(PSObject input);

    /// <summary>Columns of the given properties, in their order.</summary>
    /// <exception cref="StreamingException">A property matches no column, two match the same one, or there is none.</exception>
    protected int[] ColumnsOf(IReadOnlyList<string> properties)
    {
        var columns = _input.ColumnsOf(properties);
        Given = new ColumnSet(columns);
        return columns;
    }

    /// <summary>Forgets the row that was read last.</summary>
    protected void Clear() => Array.Clear(_values);

    /// <summary>Takes a value of the row in hand.</summary>
    protected void Set(int column, object? value) => _values[column] = _input.Read(column, PlainValue.Of(value));
}
