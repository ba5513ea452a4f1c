namespace StreamingPg.Cli.Infrastructure;

/// <summary>What a cancelled command left behind, for a program that reads it.</summary>
/// <param name="Message">What happened, in words.</param>
/// <param name="BatchId">The batch of which chunks are committed; null when nothing is.</param>
/// <param name="LoadedChunks">These chunks, counted from 1.</param>
/// <param name="Chunks">Chunks of the whole batch.</param>
/// <param name="Remedy">How to load the rest; may be empty.</param>
internal sealed record CancelledBody(string Message, Guid? BatchId, IReadOnlyList<int> LoadedChunks, int? Chunks, string Remedy);

/// <summary>The end of a cancelled command as a JSON line.</summary>
/// <param name="Cancelled">What it left behind.</param>
internal sealed record CancelledLine(CancelledBody Cancelled);
