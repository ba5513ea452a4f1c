namespace StreamingPg.Core.Report;

/// <summary>Everything that a report shows, read and not yet drawn.</summary>
internal sealed record ReportData
{
    public required ConnectionTest Server { get; init; }

    public required string Schema { get; init; }

    public required DateTime MadeAt { get; init; }

    public required ReportOptions Options { get; init; }

    public required IReadOnlyList<TableGrowth> Growth { get; init; }

    public required Timeline Timeline { get; init; }

    public required IReadOnlyList<TableRelationship> Relationships { get; init; }

    /// <summary>Null when they were not asked for.</summary>
    public IReadOnlyList<IntegrityResult>? Integrity { get; init; }

    public required IReadOnlyList<HealthResult> Health { get; init; }

    /// <summary>Null when the model is no shop.</summary>
    public ShopFigures? Shop { get; init; }
}
