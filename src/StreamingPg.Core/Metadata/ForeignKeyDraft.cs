namespace StreamingPg.Core.Metadata;

/// <summary>An entry of <c>foreign_keys</c>, before it is looked up in the other tables.</summary>
internal sealed record ForeignKeyDraft(
    IReadOnlyList<string> Columns, string ParentTable, IReadOnlyList<string> ParentColumns, string? Name, bool IsDeferrable);
