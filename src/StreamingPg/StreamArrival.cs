namespace StreamingPg;

/// <summary>How the batches of a stream are spread over time.</summary>
public enum StreamArrival
{
    /// <summary>At equal intervals.</summary>
    Steady,

    /// <summary>At random, independent of each other, at the same rate on average: a Poisson process.</summary>
    Poisson,
}
