using System.Management.Automation;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads objects of one kind into the columns of one table.</summary>
internal abstract class RowReader
{
    private readonly InputTable _input;

    protected RowReader(InputTable input)
    {
        _input = input;
        Values = new object?[input.Table.Columns.Count];
    }

    /// <summary>The table the rows go to.</summary>
    public TableModel Table => _input.Table;

    /// <summary>The columns that the row that was read last has.</summary>
    public ColumnSet? Given { get; private set; }

    /// <summary>The row that was read last, in the order of the columns.</summary>
    protected object?[] Values { get; }

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

    /// <summary>The value without PowerShell's wrapping.</summary>
    protected static object? Unwrap(object? value) => value switch
    {
        null or DBNull => null,
        PSObject wrapped => Unwrap(wrapped.BaseObject == System.Management.Automation.Internal.AutomationNull.Value ? null : wrapped.BaseObject),
        _ => value,
    };
}
