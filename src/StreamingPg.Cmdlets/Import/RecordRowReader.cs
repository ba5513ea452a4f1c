using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads the records of the default tables by delegates, since they come by the million.</summary>
internal sealed class RecordRowReader<T> : RowReader
{
    private readonly Func<T, object?>[] _getters;
    private readonly int[] _columns;

    public RecordRowReader(InputTable input, IReadOnlyDictionary<string, Func<T, object?>> properties)
        : base(input)
    {
        _columns = ColumnsOf([.. properties.Keys]);
        _getters = [.. properties.Values];
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<object?> Read(PSObject input)
    {
        var record = (T)input.BaseObject;
        for (var position = 0; position < _getters.Length; position++)
        {
            Set(_columns[position], _getters[position](record));
        }

        return Values;
    }
}
