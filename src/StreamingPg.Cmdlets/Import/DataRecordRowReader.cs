using System.Data;
using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads the records of another database's reader: a field is a property.</summary>
internal sealed class DataRecordRowReader(InputTable input) : RowReader(input)
{
    private string[] _names = [];
    private int[] _columns = [];

    /// <inheritdoc/>
    public override ReadOnlySpan<object?> Read(PSObject input)
    {
        var record = (IDataRecord)input.BaseObject;
        var names = Enumerable.Range(0, record.FieldCount).Select(record.GetName).ToArray();
        if (!names.AsSpan().SequenceEqual(_names))
        {
            _columns = ColumnsOf(names);
            _names = names;
        }

        Clear();
        for (var position = 0; position < _columns.Length; position++)
        {
            Set(_columns[position], record.GetValue(position));
        }

        return Values;
    }
}
