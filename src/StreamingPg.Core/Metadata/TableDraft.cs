using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>A table as it stands in metadata, before its references are looked up in the other tables.</summary>
/// <param name="Table">The table, without foreign keys.</param>
/// <param name="References">The references of its columns.</param>
/// <param name="ForeignKeys">Its list of foreign keys.</param>
internal sealed record TableDraft(TableModel Table, IReadOnlyList<ReferenceDraft> References, IReadOnlyList<ForeignKeyDraft> ForeignKeys)
{
    public string Name => Table.Name;

    public IReadOnlyList<ColumnModel> Columns => Table.Columns;

    public IReadOnlyList<string> PrimaryKey => Table.PrimaryKey;

    public ColumnModel? Find(string column) => Columns.FirstOrDefault(candidate => candidate.Name == column);
}

/// <summary>The <c>foreign_key</c> of one column.</summary>
internal sealed record ReferenceDraft(ColumnModel Column, string ParentTable, string ParentColumn, ParentAgreement Agreement);

/// <summary>An entry of <c>foreign_keys</c>, before it is looked up in the other tables.</summary>
internal sealed record ForeignKeyDraft(
    IReadOnlyList<string> Columns, string ParentTable, IReadOnlyList<string> ParentColumns, string? Name, bool IsDeferrable)
{
    /// <summary>The schema of the parent where it is not that of the table.</summary>
    public string? Schema { get; init; }

    /// <summary>Whether the row that it refers to is the one that another key leads to as well.</summary>
    public ParentAgreement Agreement { get; init; }
}
