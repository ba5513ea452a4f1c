namespace StreamingPg;

/// <summary>Whether all of a batch is in the ledger.</summary>
public enum LedgerStatus
{
    /// <summary>All chunks are committed.</summary>
    Complete,

    /// <summary>Some chunks are committed: the batch stopped midway, or is being loaded.</summary>
    Incomplete,
}
