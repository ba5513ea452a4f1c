namespace StreamingPg;

/// <summary>The result of one integrity check on one table.</summary>
public sealed record IntegrityResult
{
    /// <summary>Name of the check, such as <c>ForeignKey transactions.user_id -> users.user_id</c>.</summary>
    public required string Check { get; init; }

    /// <summary>The table that was looked at.</summary>
    public required string Table { get; init; }

    /// <summary>How the check ended.</summary>
    public IntegrityStatus Status =>
        Error is not null ? IntegrityStatus.Error
        : Count > 0 ? IntegrityStatus.Broken
        : PartlyVisible.Count > 0 ? IntegrityStatus.VisibleRowsOnly
        : HasRows ? IntegrityStatus.Passed
        : IntegrityStatus.NothingToCheck;

    /// <summary>False when something was found or the check could not be made; <see cref="Status"/> tells whether there was anything to check.</summary>
    public bool Passed => Status < IntegrityStatus.Broken;

    /// <summary>Number of offending rows (or 1 for a sequence that lags behind).</summary>
    public required long Count { get; init; }

    /// <summary>How much a finding matters.</summary>
    public required IntegritySeverity Severity { get; init; }

    /// <summary>False when the check is about rows and the table has none.</summary>
    public bool HasRows { get; init; } = true;

    /// <summary>Tables that the check reads and of which row-level security shows the role only some rows.</summary>
    public IReadOnlyList<string> PartlyVisible { get; init; } = [];

    /// <summary>Why the check could not be made; null when it was.</summary>
    public string? Error { get; init; }

    /// <summary>Keys of a few offending rows, as text.</summary>
    public IReadOnlyList<string> SampleKeys { get; init; } = [];

    /// <summary>What a finding means, and what to do.</summary>
    public string Detail { get; init; } = "";

    /// <summary>How long the check took.</summary>
    public required TimeSpan Duration { get; init; }
}
