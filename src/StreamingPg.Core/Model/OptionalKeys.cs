namespace StreamingPg.Core.Model;

/// <summary>Which references may be left out: SQL's MATCH SIMPLE takes a key with one NULL in it for no reference at all.</summary>
public static class OptionalKeys
{
    /// <summary>The columns of a key that are NULL where it refers to nothing: those that may be, and belong to no other key.</summary>
    public static IReadOnlyList<string> NullableColumns(this TableModel table, ForeignKeyModel key)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(key);
        return [.. key.Columns.Where(name =>
            table.Column(name) is { IsNullable: true, IsPrimaryKey: false }
            && !table.ForeignKeys.Any(other => other != key && other.Columns.Contains(name)))];
    }

    /// <summary>True when rows may lack the reference.</summary>
    public static bool IsOptional(this TableModel table, ForeignKeyModel key) => table.NullableColumns(key).Count > 0;

    /// <summary>Share of rows that are to lack the reference.</summary>
    public static double NullRatio(this TableModel table, ForeignKeyModel key) =>
        table.NullableColumns(key).Select(name => table.Column(name).NullRatio).DefaultIfEmpty().Max();
}
