namespace StreamingPg.Core.Metadata;

/// <summary>
/// The names of the tables of the embedded metadata.json, for what is about these tables alone: the shop reports, the records of
/// New-StreamingUser, New-StreamingTransaction and New-StreamingDetail, and the short names of -Rows.
/// </summary>
internal static class DefaultTables
{
    public const string Users = "users";
    public const string Transactions = "transactions";
    public const string Details = "detailed_transactions";
}
