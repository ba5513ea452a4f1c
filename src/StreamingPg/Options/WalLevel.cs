namespace StreamingPg;

/// <summary>How much a private server writes into its WAL for others to read.</summary>
public enum WalLevel
{
    /// <summary>Enough for standbys and backups.</summary>
    Replica,

    /// <summary>Enough for subscribers and change-data-capture as well.</summary>
    Logical,
}
