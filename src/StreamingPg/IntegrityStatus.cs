namespace StreamingPg;

/// <summary>How an integrity check ended.</summary>
public enum IntegrityStatus
{
    /// <summary>Nothing was found.</summary>
    Passed,

    /// <summary>The table has no rows that could break it.</summary>
    NothingToCheck,

    /// <summary>Nothing was found in the rows that row-level security shows the role; the others were not looked at.</summary>
    VisibleRowsOnly,

    /// <summary>Something was found.</summary>
    Broken,

    /// <summary>The check could not be made.</summary>
    Error,
}
