using StreamingPg.Core.Discovery;

namespace StreamingPg.Core.Model;

/// <summary>How the values of a column are distributed; what is null follows from its bounds.</summary>
/// <param name="Kind">Which distribution.</param>
public sealed record DistributionModel(DistributionKind Kind)
{
    /// <summary>Mean of the values: a number, or text for times.</summary>
    public object? Mean { get; init; }

    /// <summary>Standard deviation of the values: a number, or a duration for times.</summary>
    public object? StandardDeviation { get; init; }

    /// <summary>Exponent of <see cref="DistributionKind.Zipf"/>.</summary>
    public double? Exponent { get; init; }

    /// <summary>Bounds of <see cref="DistributionKind.Histogram"/>, ascending, at least two.</summary>
    public IReadOnlyList<object>? Bounds { get; init; }
}
