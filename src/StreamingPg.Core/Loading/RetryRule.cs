namespace StreamingPg.Core.Loading;

/// <summary>How work is repeated that failed for a passing reason.</summary>
/// <param name="Operation">What is being done, for the words of an error.</param>
/// <param name="MaxRetry">Most repeats of a transaction; 0 fails at once.</param>
/// <param name="RetryTimeout">A failure so long after the first one of the same transaction is not repeated.</param>
/// <param name="BatchId">The batch concerned, or null.</param>
internal sealed record RetryRule(string Operation, int MaxRetry, TimeSpan RetryTimeout, Guid? BatchId = null);
