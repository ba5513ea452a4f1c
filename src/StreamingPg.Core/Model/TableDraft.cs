namespace StreamingPg.Core.Model;

/// <summary>A table as it stands in metadata, before its references are looked up in the other tables.</summary>
internal sealed record TableDraft(
    string Name, string? Description, IReadOnlyList<ColumnModel> Columns, IReadOnlyList<ReferenceDraft> References)
{
    public IReadOnlyList<string> PrimaryKey { get; } =
        [.. Columns.Where(column => column.IsPrimaryKey).Select(column => column.Name)];

    public ColumnModel? Find(string column) => Columns.FirstOrDefault(candidate => candidate.Name == column);
}
