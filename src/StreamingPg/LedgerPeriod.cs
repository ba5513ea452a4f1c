namespace StreamingPg;

/// <summary>The stretch of time that one line of a summary of the ledger is about.</summary>
public enum LedgerPeriod
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day of UTC.</summary>
    Day,
}
