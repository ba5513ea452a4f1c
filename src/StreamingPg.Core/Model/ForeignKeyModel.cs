namespace StreamingPg.Core.Model;

/// <summary>A foreign key: <see cref="Columns"/> of the referring table hold <see cref="ParentColumns"/> of the parent.</summary>
/// <param name="Columns">Referring columns.</param>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to, in the order of <paramref name="Columns"/>.</param>
public sealed record ForeignKeyModel(
    IReadOnlyList<string> Columns,
    string ParentTable,
    IReadOnlyList<string> ParentColumns);
