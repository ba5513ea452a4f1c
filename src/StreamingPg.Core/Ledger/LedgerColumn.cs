namespace StreamingPg.Core.Ledger;

/// <summary>A column of the ledger.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type as format_type of pg_catalog spells it.</param>
/// <param name="Constraints">What follows the type in CREATE TABLE; may be empty.</param>
internal sealed record LedgerColumn(string Name, string Type, string Constraints = "")
{
    /// <summary>True when a sequence gives the value.</summary>
    public bool IsIdentity => Constraints.Contains("AS IDENTITY", StringComparison.Ordinal);
}
