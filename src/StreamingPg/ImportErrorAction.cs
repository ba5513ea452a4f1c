namespace StreamingPg;

/// <summary>What an import does with a row that cannot be loaded.</summary>
public enum ImportErrorAction
{
    /// <summary>It ends the import, of which nothing stays.</summary>
    Stop,

    /// <summary>It goes into a file, with the reason; the other rows go in.</summary>
    Reject,
}
