namespace StreamingPg;

/// <summary>The period of one row in a ledger summary.</summary>
public enum LedgerPeriod
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day in UTC.</summary>
    Day,
}
