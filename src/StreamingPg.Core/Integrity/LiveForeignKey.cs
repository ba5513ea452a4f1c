namespace StreamingPg.Core.Integrity;

/// <summary>A foreign key constraint as it is in the database.</summary>
/// <param name="Table">Referring table.</param>
/// <param name="ParentTable">Table referred to.</param>
/// <param name="Pairs">Referring column and the column it refers to.</param>
/// <param name="IsValidated">False for NOT VALID: rows from before the constraint were never looked at.</param>
/// <param name="IsEnabled">False when a trigger that enforces it is switched off.</param>
internal sealed record LiveForeignKey(
    string Table,
    string ParentTable,
    HashSet<(string Column, string ParentColumn)> Pairs,
    bool IsValidated,
    bool IsEnabled)
{
    /// <summary>True when the server keeps every row to it.</summary>
    public bool IsEnforced => IsValidated && IsEnabled;
}
