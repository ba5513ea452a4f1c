using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Rows of any table as objects: a property per column, and the table in the name of the type.</summary>
internal static class RowObject
{
    private const string TypePrefix = "StreamingPg.Row#";

    /// <summary>A row as an object; columns that are left to the server are left out.</summary>
    public static PSObject Of(TableModel table, IReadOnlyList<object?> values) => Of(table, values, column => !column.IsLeftToServer);

    /// <summary>A row of the database as an object, with all its columns.</summary>
    public static PSObject OfLive(TableModel table, IReadOnlyList<object?> values) => Of(table, values, static _ => true);

    /// <summary>A row of a query as an object.</summary>
    public static PSObject OfQuery(IReadOnlyList<string> columns, IReadOnlyList<object?> values)
    {
        var row = new PSObject();
        row.TypeNames.Insert(0, "StreamingPg.QueryRow");
        for (var column = 0; column < values.Count; column++)
        {
            row.Properties.Add(new PSNoteProperty(columns[column], Value(values[column])));
        }

        return row;
    }

    private static PSObject Of(TableModel table, IReadOnlyList<object?> values, Predicate<ColumnModel> has)
    {
        var row = new PSObject();
        row.TypeNames.Insert(0, "StreamingPg.Row");
        row.TypeNames.Insert(0, TypePrefix + table.Name);
        for (var column = 0; column < values.Count; column++)
        {
            if (has(table.Columns[column]))
            {
                row.Properties.Add(new PSNoteProperty(table.Columns[column].Name, Value(values[column])));
            }
        }

        return row;
    }

    /// <summary>
    /// A value that Export-Csv and ConvertTo-Json keep. They make "System.Byte[]" of bytes, drop the seconds of a time of day and take
    /// a date apart: these are text, as import takes it.
    /// </summary>
    private static object? Value(object? value) => value switch
    {
        DateOnly or TimeOnly or byte[] => ValueText.Of(value),
        object?[] items => new RowList([.. items.Select(Value)]),
        _ => value,
    };

    /// <summary>The table that an object is a row of; null when its type does not say.</summary>
    public static string? TableOf(PSObject row) =>
        row.TypeNames.FirstOrDefault(static name => name.Contains(TypePrefix, StringComparison.Ordinal)) is { } type
            ? type[(type.IndexOf(TypePrefix, StringComparison.Ordinal) + TypePrefix.Length)..]
            : null;
}

/// <summary>The elements of an array, which is written as PostgreSQL writes it where only text can stand, as in CSV.</summary>
internal sealed class RowList(IList<object?> items) : System.Collections.ObjectModel.ReadOnlyCollection<object?>(items)
{
    public override string ToString() => ValueText.Of(Items);
}
