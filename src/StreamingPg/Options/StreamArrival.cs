namespace StreamingPg;

/// <summary>How the batches of a stream are spread over time.</summary>
public enum StreamArrival
{
    /// <summary>At equal intervals.</summary>
    Steady,

    /// <summary>At random, independently, with the same average rate: a Poisson process.</summary>
    Poisson,
}
