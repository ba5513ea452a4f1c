using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Streaming;

/// <summary>What a batch of a stream is run with.</summary>
/// <param name="Events">Gets what happens to it.</param>
/// <param name="StopRetrying">Forbids further attempts.</param>
/// <param name="Cancel">Rolls back the attempt in hand.</param>
internal sealed record BatchRun(IProgress<BatchEvent> Events, CancellationToken StopRetrying, CancellationToken Cancel);
