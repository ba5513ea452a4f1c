namespace StreamingPg.Core.Catalog;

/// <summary>A foreign key in the database.</summary>
/// <param name="Name">Name of the constraint.</param>
/// <param name="Columns">Referring columns.</param>
/// <param name="ParentSchema">Schema of the table referred to.</param>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="ParentColumns">Columns referred to, in the order of <paramref name="Columns"/>.</param>
/// <param name="IsValidated">False for NOT VALID: rows from before the constraint were never looked at.</param>
/// <param name="IsEnabled">False when a trigger that enforces it is switched off.</param>
internal sealed record LiveForeignKey(
    string Name,
    IReadOnlyList<string> Columns,
    string ParentSchema,
    string ParentTable,
    IReadOnlyList<string> ParentColumns,
    bool IsValidated,
    bool IsEnabled);
