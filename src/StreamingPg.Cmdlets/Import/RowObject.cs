using System.Management.Automation;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Rows of any table as objects: a property per column, and the table in the name of the type.</summary>
internal static class RowObject
{
    private const string TypePrefix = "StreamingPg.Row#";

    /// <summary>A row as an object.</summary>
    public static PSObject Of(TableModel table, IReadOnlyList<object?> values)
    {
        var row = new PSObject();
        row.TypeNames.Insert(0, "StreamingPg.Row");
        row.TypeNames.Insert(0, TypePrefix + table.Name);
        for (var column = 0; column < values.Count; column++)
        {
            row.Properties.Add(new PSNoteProperty(table.Columns[column].Name, values[column]));
        }

        return row;
    }

    /// <summary>The table that an object is a row of; null when its type does not say.</summary>
    public static string? TableOf(PSObject row) =>
        row.TypeNames.FirstOrDefault(static name => name.Contains(TypePrefix, StringComparison.Ordinal)) is { } type
            ? type[(type.IndexOf(TypePrefix, StringComparison.Ordinal) + TypePrefix.Length)..]
            : null;
}
