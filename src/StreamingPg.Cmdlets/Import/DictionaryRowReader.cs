using System.Collections;
using System.Globalization;
using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads hash tables: a key is a property.</summary>
internal sealed class DictionaryRowReader(InputTable input) : RowReader(input)
{
    /// <inheritdoc/>
    public override ReadOnlySpan<object?> Read(PSObject input)
    {
        var row = (IDictionary)input.BaseObject;
        var keys = row.Keys.Cast<object>().ToList();
        var columns = ColumnsOf(keys.ConvertAll(static key => Convert.ToString(key, CultureInfo.InvariantCulture) ?? ""));
        Clear();
        for (var position = 0; position < columns.Length; position++)
        {
            Set(columns[position], row[keys[position]]);
        }

        return Values;
    }
}
