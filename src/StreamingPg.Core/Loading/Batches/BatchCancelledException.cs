using System.Collections.Concurrent;
using System.Globalization;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>A large batch was cancelled after some of its chunks were committed: they stay, and the batch can be resumed.</summary>
/// <param name="chunks">How far it came.</param>
/// <param name="cause">The cancellation.</param>
internal sealed class BatchCancelledException(CommittedChunks chunks, OperationCanceledException cause)
    : OperationCanceledException($"Batch {chunks.BatchId} was cancelled. {chunks} {chunks.Remedy}", cause, cause.CancellationToken)
{
    /// <summary>How far the batch came.</summary>
    public CommittedChunks Chunks => chunks;
}

/// <summary>How far a large batch came, for whoever has to load the rest.</summary>
/// <param name="batchId">The batch.</param>
internal sealed class CommittedChunks(Guid batchId)
{
    private readonly ConcurrentQueue<int> _loaded = [];
    private readonly ConcurrentQueue<int> _inDoubt = [];

    /// <summary>The batch.</summary>
    public Guid BatchId => batchId;

    /// <summary>Chunks of the whole batch.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Chunks that are committed, counted from 1.</summary>
    public IReadOnlyList<int> Loaded => Numbers(_loaded);

    /// <summary>Chunks whose commit the server did not answer, counted from 1.</summary>
    public IReadOnlyList<int> InDoubt => Numbers(_inDoubt);

    /// <summary>True while nothing of a batch of several chunks is committed.</summary>
    public bool IsEmpty => Count == 1 || _loaded.IsEmpty;

    /// <summary>How to load the rest.</summary>
    public string Remedy => $"Load the rest with {CommitInDoubt.ResumeCommand(BatchId)}.";

    /// <summary>A chunk is committed.</summary>
    public void Add(int chunk) => _loaded.Enqueue(chunk);

    /// <summary>A chunk is, or is not, committed.</summary>
    public void AddInDoubt(int chunk) => _inDoubt.Enqueue(chunk);

    /// <summary>The error, with how far the batch came and how to load the rest.</summary>
    public StreamingException Explain(StreamingException error) => IsEmpty || error.ErrorId == ErrorIds.BatchIncomplete ? error : new StreamingException(
        error.ErrorId,
        error.Kind,
        $"{error.Problem} {this}",
        error.ErrorId == ErrorIds.CommitUnknown ? error.Remedy : $"{error.Remedy} {Remedy}".TrimStart(),
        error.Target is StreamingConnection ? BatchId : error.Target,
        error)
    {
        SqlState = error.SqlState,
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Of the {Count} chunks of batch {BatchId}, {Loaded.Count} are committed ({Ranges(Loaded)}).");
        return _inDoubt.IsEmpty ? text : $"{text} The server did not answer whether {Ranges(InDoubt)} is, too.";
    }

    private static List<int> Numbers(ConcurrentQueue<int> chunks) => [.. chunks.Order().Select(chunk => chunk + 1)];

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
