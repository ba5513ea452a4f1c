using System.Management.Automation;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads objects of one kind into the columns of one table.</summary>
internal abstract class RowReader
{
    private readonly NameLookup _columns;

    protected RowReader(TableModel table)
    {
        Table = table;
        Values = new object?[table.Columns.Count];
        _columns = new NameLookup(table.Columns.Select(static column => column.Name));
    }

    /// <summary>The table the rows go to.</summary>
    public TableModel Table { get; }

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
        var indexes = new int[properties.Count];
        for (var position = 0; position < indexes.Length; position++)
        {
            var index = _columns.IndexOf(properties[position]);
            if (index < 0)
            {
                throw Unusable(
                    "PropertyUnknown",
                    $"The input has a property \"{properties[position]}\", and table \"{Table.Name}\" has no column of that name.");
            }

            if (Array.IndexOf(indexes, index, 0, position) is >= 0 and var first)
            {
                throw Unusable(
                    "PropertyAmbiguous",
                    $"The properties \"{properties[first]}\" and \"{properties[position]}\" are both column \"{Table.Columns[index].Name}\" of table \"{Table.Name}\".");
            }

            indexes[position] = index;
        }

        Given = new ColumnSet(indexes);
        return indexes.Length > 0 ? indexes : throw Unusable("PropertyMissing", $"The input has no property to load into table \"{Table.Name}\".");
    }

    /// <summary>The value without PowerShell's wrapping.</summary>
    protected static object? Unwrap(object? value) => value switch
    {
        null or DBNull => null,
        PSObject wrapped => Unwrap(wrapped.BaseObject == System.Management.Automation.Internal.AutomationNull.Value ? null : wrapped.BaseObject),
        _ => value,
    };

    private StreamingException Unusable(string errorId, string problem) => new(
        errorId,
        StreamingErrorKind.InvalidInput,
        problem,
        $"Choose the properties with Select-Object. The columns are {string.Join(", ", Table.Columns.Select(static column => column.Name))}.",
        Table.Name);
}
