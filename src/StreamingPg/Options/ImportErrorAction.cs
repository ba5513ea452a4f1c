namespace StreamingPg;

/// <summary>What an import does with a row that cannot be loaded.</summary>
public enum ImportErrorAction
{
    /// <summary>It aborts the import, and nothing is loaded.</summary>
    Stop,

    /// <summary>It is written to the reject file with the reason; the other rows are loaded.</summary>
    Reject,
}
