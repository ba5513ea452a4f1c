using System.Data;
using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads the records of another database's reader, and the rows of a DataTable: a field is a property.</summary>
internal sealed class DataRecordRowReader(InputTable input) : RowReader(input)
{
    private string[] _names = [];
    private int[] _columns = [];

    /// <inheritdoc/>
    public override ReadOnlySpan<object?> Read(PSObject input)
    {
        var row = input.BaseObject as DataRow;
        var record = input.BaseObject as IDataRecord;
        string[] names = row is not null
            ? [.. row.Table.Columns.Cast<DataColumn>().Select(static column => column.ColumnName)]
            : [.. Enumerable.Range(0, record!.FieldCount).Select(record.GetName)];
        if (!names.AsSpan().SequenceEqual(_names))
        {
            _columns = ColumnsOf(names);
            _names = names;
        }

        Clear();
        for (var position = 0; position < _columns.Length; position++)
        {
            Set(_columns[position], row is not null ? row[position] : record!.GetValue(position));
        }

        return Values;
    }
}
