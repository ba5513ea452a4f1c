using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Reads any object by its properties. Which column a property is gets looked up once per shape, not per row.</summary>
internal sealed class PropertyRowReader(InputTable input) : RowReader(input)
{
    private string[] _properties = [];
    private int[] _columns = [];

    /// <inheritdoc/>
    public override ReadOnlySpan<object?> Read(PSObject input)
    {
        if (!TryRead(input))
        {
            _properties = [.. input.Properties.Select(static property => property.Name)];
            _columns = ColumnsOf(_properties);
            TryRead(input);
        }

        return Values;
    }

    private bool TryRead(PSObject input)
    {
        Clear();
        var position = 0;
        foreach (var property in input.Properties)
        {
            if (position == _properties.Length || property.Name != _properties[position])
            {
                return false;
            }

            Set(_columns[position++], property.Value);
        }

        return position == _properties.Length && position > 0;
    }
}
