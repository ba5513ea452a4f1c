namespace StreamingPg;

/// <summary>How much of a batch is in the ledger.</summary>
public enum LedgerStatus
{
    /// <summary>All of it.</summary>
    Complete,

    /// <summary>Some of its parts: it stopped midway, or is being loaded.</summary>
    Incomplete,
}
