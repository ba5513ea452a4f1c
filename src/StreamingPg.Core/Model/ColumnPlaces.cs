namespace StreamingPg.Core.Model;

/// <summary>Where the columns of a table stand.</summary>
public static class ColumnPlaces
{
    /// <summary>Place of a column in its table; -1 when the table has no such column.</summary>
    public static int IndexOf(this TableModel table, string column)
    {
        ArgumentNullException.ThrowIfNull(table);
        for (var index = 0; index < table.Columns.Count; index++)
        {
            if (table.Columns[index].Name == column)
            {
                return index;
            }
        }

        return -1;
    }
}
