namespace StreamingPg.Core.Model;

/// <summary>How the number of children of a parent varies.</summary>
public enum ChildCountKind
{
    /// <summary>Every number from the least to the most is as likely as another.</summary>
    Range,

    /// <summary>As events that come independently of each other.</summary>
    Poisson,

    /// <summary>Each further child as likely as the one before.</summary>
    Geometric,
}
