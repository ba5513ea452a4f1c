namespace StreamingPg;

/// <summary>How an integrity check ended.</summary>
public enum IntegrityStatus
{
    /// <summary>Nothing was found.</summary>
    Passed,

    /// <summary>The table has no rows that could break it.</summary>
    NothingToCheck,

    /// <summary>Something was found.</summary>
    Broken,

    /// <summary>The check could not be made.</summary>
    Error,
}
