using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>Finds the table and the columns that an input means by its names.</summary>
public sealed class InputTable
{
    private readonly NameLookup _columns;

    /// <summary>An input for a table.</summary>
    public InputTable(TableModel table)
    {
        ArgumentNullException.ThrowIfNull(table);
        Table = table;
        _columns = new NameLookup(table.Columns.Select(column => column.Name));
    }

    /// <summary>The table the rows go to.</summary>
    public TableModel Table { get; }

    /// <summary>The table that a name means.</summary>
    /// <exception cref="StreamingException">The model has none of that name.</exception>
    public static InputTable Find(StreamModel model, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        var index = new NameLookup(model.Tables.Select(candidate => candidate.Name)).IndexOf(name);
        return index >= 0
            ? new InputTable(model.Tables[index])
            : throw new StreamingException(
                "TableUnknown",
                StreamingErrorKind.NotFound,
                $"The metadata has no table \"{name}\".",
                $"Its tables are {string.Join(", ", model.Tables.Select(candidate => candidate.Name))}.",
                name);
    }

    /// <summary>Places of the columns that properties of the input are, in the order of the properties.</summary>
    /// <exception cref="StreamingException">A property matches no column, two match the same one, or there is none.</exception>
    public int[] ColumnsOf(IReadOnlyList<string> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
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

        return indexes.Length > 0 ? indexes : throw Unusable("PropertyMissing", $"The input has no property to load into table \"{Table.Name}\".");
    }

    private StreamingException Unusable(string errorId, string problem) => new(
        errorId,
        StreamingErrorKind.InvalidInput,
        problem,
        $"Leave out or rename what does not fit. The columns are {string.Join(", ", Table.Columns.Select(column => column.Name))}.",
        Table.Name);
}
