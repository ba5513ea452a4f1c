namespace StreamingPg;

/// <summary>The result of one integrity check on one table.</summary>
public sealed record IntegrityResult
{
    /// <summary>Name of the check, such as <c>ForeignKey transactions.user_id -> users.user_id</c>.</summary>
    public required string Check { get; init; }

    /// <summary>The checked table.</summary>
    public required string Table { get; init; }

    /// <summary>Outcome of the check.</summary>
    public IntegrityStatus Status =>
        IsUnknown ? IntegrityStatus.Unknown
        : Error is not null ? IntegrityStatus.Error
        : Count > 0 ? IntegrityStatus.Broken
        : PartlyVisible.Count > 0 ? IntegrityStatus.VisibleRowsOnly
        : HasRows ? IntegrityStatus.Passed
        : IntegrityStatus.NothingToCheck;

    /// <summary>False if something was found, or the check was not made; <see cref="Status"/> says whether there was anything to check.</summary>
    public bool Passed => Status < IntegrityStatus.Unknown;

    /// <summary>Number of offending rows (or 1 for a sequence that lags behind).</summary>
    public required long Count { get; init; }

    /// <summary>Severity of a finding.</summary>
    public required IntegritySeverity Severity { get; init; }

    /// <summary>False if the check is about rows and the table has none.</summary>
    public bool HasRows { get; init; } = true;

    /// <summary>Tables read by the check of which row-level security hides some rows from the role.</summary>
    public IReadOnlyList<string> PartlyVisible { get; init; } = [];

    /// <summary>True if the role may not read what the check needs; <see cref="Error"/> names the right.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Why the check failed to run; null if it ran.</summary>
    public string? Error { get; init; }

    /// <summary>Sample keys of offending rows, as text.</summary>
    public IReadOnlyList<string> SampleKeys { get; init; } = [];

    /// <summary>What a finding means, and what to do.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Duration of the check.</summary>
    public required TimeSpan Duration { get; init; }
}

/// <summary>Outcome of an integrity check.</summary>
public enum IntegrityStatus
{
    /// <summary>Nothing was found.</summary>
    Passed,

    /// <summary>The table has no rows to check.</summary>
    NothingToCheck,

    /// <summary>Nothing was found in the rows that row-level security lets the role see; the others were not checked.</summary>
    VisibleRowsOnly,

    /// <summary>The check was not made, because the role may not read what it needs.</summary>
    Unknown,

    /// <summary>Something was found.</summary>
    Broken,

    /// <summary>The check failed to run.</summary>
    Error,
}

/// <summary>Severity of a failed check.</summary>
public enum IntegritySeverity
{
    /// <summary>A business rule is violated; the references between rows are valid.</summary>
    Warning,

    /// <summary>Referential integrity or uniqueness is violated, or a sequence is wrong.</summary>
    Error,
}
