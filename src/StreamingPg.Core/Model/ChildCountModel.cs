namespace StreamingPg.Core.Model;

/// <summary>How many children each new parent gets.</summary>
/// <param name="Kind">How the number varies.</param>
/// <param name="Minimum">The least.</param>
/// <param name="Maximum">The most.</param>
public sealed record ChildCountModel(ChildCountKind Kind, long Minimum, long Maximum)
{
    /// <summary>Mean of a distribution; null for a range.</summary>
    public double? Mean { get; init; }

    /// <summary>The parent table; null for the only one that there is.</summary>
    public string? Parent { get; init; }
}
