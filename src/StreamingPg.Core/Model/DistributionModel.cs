namespace StreamingPg.Core.Model;

/// <summary>How the values of a column are distributed; what is null follows from its bounds.</summary>
/// <param name="Kind">Which distribution.</param>
internal sealed record DistributionModel(DistributionKind Kind)
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

/// <summary>How the values of a column lie between its bounds.</summary>
internal enum DistributionKind
{
    /// <summary>Every value as likely as another.</summary>
    Uniform,

    /// <summary>The bell curve.</summary>
    Normal,

    /// <summary>Values whose logarithm is normal: most low, a few far higher.</summary>
    LogNormal,

    /// <summary>The second value half as likely as the first, the third a third, and so on.</summary>
    Zipf,

    /// <summary>The higher, the rarer, by the same factor from step to step.</summary>
    Exponential,

    /// <summary>As many values between one bound and the next as between any other two.</summary>
    Histogram,
}
