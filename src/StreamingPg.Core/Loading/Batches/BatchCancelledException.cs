using System.Globalization;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>A large batch was cancelled after some of its chunks were committed: they stay, and the batch can be resumed.</summary>
internal sealed class BatchCancelledException : OperationCanceledException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="loaded">Chunks that are committed, counted from 1.</param>
    /// <param name="chunks">Chunks of the whole batch.</param>
    /// <param name="cause">The cancellation.</param>
    internal BatchCancelledException(Guid batchId, IReadOnlyList<int> loaded, int chunks, OperationCanceledException cause)
        : base(Text(batchId, loaded, chunks), cause, cause.CancellationToken)
    {
        BatchId = batchId;
        LoadedChunks = loaded;
        Chunks = chunks;
    }

    /// <summary>The batch.</summary>
    public Guid BatchId { get; }

    /// <summary>Chunks that are committed, counted from 1.</summary>
    public IReadOnlyList<int> LoadedChunks { get; }

    /// <summary>Chunks of the whole batch.</summary>
    public int Chunks { get; }

    /// <summary>How to load the rest.</summary>
    public string Remedy => Resume(BatchId);

    private static string Text(Guid batchId, IReadOnlyList<int> loaded, int chunks) => string.Create(
        CultureInfo.InvariantCulture,
        $"Batch {batchId} was cancelled with {loaded.Count} of its {chunks} chunks committed ({Ranges(loaded)}). {Resume(batchId)}");

    private static string Resume(Guid batchId) =>
        $"Load the rest with Invoke-StreamingBatch -Resume -BatchId {batchId} (streamingpg batch --resume --batch-id {batchId}).";

    /// <summary>Numbers in order as ranges: <c>1-3, 5</c>.</summary>
    private static string Ranges(IReadOnlyList<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1)
            {
                ranges[^1] = (ranges[^1].First, number);
            }
            else
            {
                ranges.Add((number, number));
            }
        }

        return string.Join(", ", ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));
    }
}
