namespace StreamingPg;

/// <summary>Outcome of an integrity check.</summary>
public enum IntegrityStatus
{
    /// <summary>Nothing was found.</summary>
    Passed,

    /// <summary>The table has no rows to check.</summary>
    NothingToCheck,

    /// <summary>Nothing was found in the rows that row-level security lets the role see; the others were not checked.</summary>
    VisibleRowsOnly,

    /// <summary>Something was found.</summary>
    Broken,

    /// <summary>The check failed to run.</summary>
    Error,
}
