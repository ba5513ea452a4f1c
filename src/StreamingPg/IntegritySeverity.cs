namespace StreamingPg;

/// <summary>How much a failed check matters.</summary>
public enum IntegritySeverity
{
    /// <summary>A business rule is broken; the rows still refer to each other as they must.</summary>
    Warning,

    /// <summary>Referential integrity, uniqueness or a sequence is broken.</summary>
    Error,
}
