using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>The <c>foreign_key</c> of one column.</summary>
internal sealed record ReferenceDraft(ColumnModel Column, string ParentTable, string ParentColumn);
