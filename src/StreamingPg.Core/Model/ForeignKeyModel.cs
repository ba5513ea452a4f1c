using StreamingPg.Core.Metadata;

namespace StreamingPg.Core.Model;

/// <summary>A foreign key: <see cref="Columns"/> of the referring table hold <see cref="ParentColumns"/> of the parent.</summary>
/// <param name="Columns">Referring columns.</param>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to, in the order of <paramref name="Columns"/>.</param>
internal sealed record ForeignKeyModel(
    IReadOnlyList<string> Columns,
    string ParentTable,
    IReadOnlyList<string> ParentColumns)
{
    /// <summary>Name of the constraint; null when metadata leaves it to us.</summary>
    public string? Name { get; init; }

    /// <summary>True if the server may check it at the end of the transaction.</summary>
    public bool IsDeferrable { get; init; }

    /// <summary>
    /// True for the key at which a cycle of foreign keys was cut: its table is loaded before the parent. Set by
    /// <see cref="LoadOrder"/>.
    /// </summary>
    public bool IsLoadedLater { get; init; }

    /// <summary>Whether the row that it refers to is the one that another key leads to as well.</summary>
    public ParentAgreement Agreement { get; init; }
}

/// <summary>What holds where a row refers to an ancestor straight and through another parent.</summary>
internal enum ParentAgreement
{
    /// <summary>Both lead to the same row; other rows are at fault.</summary>
    Required,

    /// <summary>Both lead to the same row as far as the keys tell: new rows do so, others are worth a warning.</summary>
    Usual,

    /// <summary>They may lead to different rows.</summary>
    None,
}

/// <summary>A foreign key to a table of another schema, whose rows are read and never made.</summary>
/// <param name="Columns">Referring columns.</param>
/// <param name="Schema">Schema of the table referred to.</param>
/// <param name="Table">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to, in the order of <paramref name="Columns"/>.</param>
internal sealed record OutsideKeyModel(IReadOnlyList<string> Columns, string Schema, string Table, IReadOnlyList<string> ParentColumns);

/// <summary>Which references may be left out: SQL's MATCH SIMPLE takes a key with one NULL in it for no reference at all.</summary>
internal static class OptionalKeys
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
