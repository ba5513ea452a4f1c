using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>Generates, loads, proves and commits one batch.</summary>
public static class BatchRunner
{
    /// <summary>Runs a batch to its commit.</summary>
    /// <exception cref="StreamingException">It failed; nothing of the part in hand stays.</exception>
    public static Task<BatchResult> RunAsync(
        DatabaseConnection connection,
        StreamModel model,
        BatchOptions options,
        IProgress<BatchProgress>? progress,
        CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
