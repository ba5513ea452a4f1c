namespace StreamingPg.Core.Catalog;

/// <summary>A foreign key of a live table.</summary>
internal sealed record DiscoveredForeignKey(
    string Name, IReadOnlyList<string> Columns, string ParentSchema, string ParentTable, IReadOnlyList<string> ParentColumns, bool IsDeferrable);
