namespace StreamingPg;

/// <summary>Severity of a failed check.</summary>
public enum IntegritySeverity
{
    /// <summary>A business rule is violated; the references between rows are valid.</summary>
    Warning,

    /// <summary>Referential integrity or uniqueness is violated, or a sequence is wrong.</summary>
    Error,
}
