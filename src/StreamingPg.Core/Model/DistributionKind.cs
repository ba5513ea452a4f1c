using StreamingPg.Core.Discovery;

namespace StreamingPg.Core.Model;

/// <summary>How the values of a column lie between its bounds.</summary>
public enum DistributionKind
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
