using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Finds the table and the columns that an input means by its names, and reads its text in the form it is written in.</summary>
internal sealed class InputTable
{
    private readonly NameLookup _columns;
    private readonly CultureText? _text;
    private readonly bool _emptyAsNull;

    /// <summary>An input for a table.</summary>
    public InputTable(TableModel table, InputForm form)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(form);
        Table = table;
        _text = form.Text();
        _emptyAsNull = form.EmptyAsNull;
        _columns = new NameLookup(table.Columns.Select(column => column.Name));
    }

    /// <summary>The table the rows go to.</summary>
    public TableModel Table { get; }

    /// <summary>The table that a name means.</summary>
    /// <exception cref="StreamingException">The model has none of that name.</exception>
    public static InputTable Find(StreamModel model, string name) => Find(model, name, new InputForm());

    /// <summary>The table that a name means, for text of a form.</summary>
    /// <exception cref="StreamingException">The model has none of that name.</exception>
    public static InputTable Find(StreamModel model, string name, InputForm form)
    {
        ArgumentNullException.ThrowIfNull(model);
        var index = new NameLookup(model.Tables.Select(candidate => candidate.Name)).IndexOf(name);
        return index >= 0
            ? new InputTable(model.Tables[index], form)
            : throw new StreamingException(
                ErrorIds.TableUnknown,
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
                    $"The input has a property \"{properties[position]}\", but table \"{Table.Name}\" has no column with this name."
                    + DelimiterAdvice(properties));
            }

            if (Array.IndexOf(indexes, index, 0, position) is >= 0 and var first)
            {
                throw Unusable(
                    "PropertyAmbiguous",
                    $"The properties \"{properties[first]}\" and \"{properties[position]}\" both match column \"{Table.Columns[index].Name}\" of table \"{Table.Name}\".");
            }

            indexes[position] = index;
        }

        return indexes.Length > 0 ? indexes : throw Unusable("PropertyMissing", $"The input has no property that matches a column of table \"{Table.Name}\".");
    }

    /// <summary>The value that a value of the input stands for in a column.</summary>
    /// <param name="column">Place of the column.</param>
    /// <param name="value">Text is read in the form of the input; everything else is what it is.</param>
    public object? Read(int column, object? value)
    {
        if (value is not string text || (text.Length > 0 && _text is null))
        {
            return value;
        }

        if (text.Length == 0)
        {
            return _emptyAsNull ? null : value;
        }

        try
        {
            return _text!.Read(Table.Columns[column].Type, text);
        }
        catch (FormatException exception)
        {
            return new UnreadableText(text, exception.Message);
        }
    }

    private static string DelimiterAdvice(IReadOnlyList<string> properties) =>
        properties.Count == 1 && properties[0].AsSpan().IndexOfAny(";\t|") is >= 0 and var at
            ? $" If its fields are separated by {(properties[0][at] == '\t' ? "tabs" : $"\"{properties[0][at]}\"")}, say so (-Delimiter or --delimiter)."
            : "";

    private StreamingException Unusable(string errorId, string problem) => new(
        errorId,
        StreamingErrorKind.InvalidInput,
        problem,
        $"Remove or rename the properties that do not match. The columns are {string.Join(", ", Table.Columns.Select(column => column.Name))}.",
        Table.Name);
}
