using System.Collections;
using System.Data;
using System.Globalization;
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
