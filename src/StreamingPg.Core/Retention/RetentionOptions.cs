using StreamingPg.Core.Loading;

namespace StreamingPg.Core.Retention;

/// <summary>What a user asks of retention.</summary>
internal sealed record RetentionOptions
{
    /// <summary>Maximum rows of one transaction when nothing else is asked: few, so that locks are short.</summary>
    public const int DefaultChunkSize = 1000;

    /// <summary>A shorter retention needs <see cref="Force"/>.</summary>
    public static readonly TimeSpan ShortestUnforced = TimeSpan.FromMinutes(1);

    /// <summary>Rows older than this are removed; null when <see cref="Before"/> or the model's tables say it.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Rows of before this time (UTC) are removed; null when <see cref="OlderThan"/> or the model's tables say it.</summary>
    public DateTime? Before { get; init; }

    /// <summary>The tables to remove rows from; empty means all tables of the model.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>Maximum rows of one transaction.</summary>
    public int ChunkSize { get; init; } = DefaultChunkSize;

    /// <summary>Maximum rows removed per second; null knows no limit.</summary>
    public double? MaxRowsPerSecond { get; init; }

    /// <summary>Maximum retries after a transient error; 0 disables retries.</summary>
    public int MaxRetry { get; init; } = BatchOptions.DefaultMaxRetry;

    /// <summary>Stop retrying this long after the first failure of the same transaction.</summary>
    public TimeSpan RetryTimeout { get; init; } = BatchOptions.DefaultRetryTimeout;

    /// <summary>Allows <see cref="OlderThan"/> to be less than a minute, which removes almost everything.</summary>
    public bool Force { get; init; }

    /// <summary>Rejects invalid options before anything touches the database.</summary>
    /// <exception cref="StreamingException">An option is out of range, or two contradict each other.</exception>
    internal void Check()
    {
        Require(OlderThan is null || Before is null, "OlderThan and Before exclude each other", "Use one of them.");
        Require(OlderThan is null || OlderThan >= TimeSpan.Zero, $"OlderThan {OlderThan} is out of range", "Use zero or more.");
        Require(ChunkSize >= 1, $"ChunkSize {ChunkSize} is out of range", "Use 1 or more.");
        Require(MaxRowsPerSecond is null or >= 0.01 and <= 1e12, $"MaxRowsPerSecond {MaxRowsPerSecond} is out of range", "Use 0.01 to 1e12, or omit it.");
        Require(MaxRetry >= 0, $"MaxRetry {MaxRetry} is out of range", "Use 0 or more.");
        Require(RetryTimeout >= TimeSpan.Zero, $"RetryTimeout {RetryTimeout} is out of range", "Use zero or more.");
    }

    /// <summary>Rejects a retention so short that it is more likely a slip than meant, unless <see cref="Force"/> says that it is meant.</summary>
    internal void CheckLength(TimeSpan retention)
    {
        if (retention < ShortestUnforced && !Force)
        {
            throw new StreamingException(
                ErrorIds.RetentionTooShort,
                StreamingErrorKind.InvalidInput,
                $"A retention of {DisplayText.Duration(retention)} removes almost every row.",
                $"Use a longer one, such as 30d, or add -Force (--force).");
        }
    }

    private static void Require(bool holds, string problem, string remedy)
    {
        if (!holds)
        {
            throw new StreamingException(ErrorIds.RetentionOptionInvalid, StreamingErrorKind.InvalidInput, problem + ".", remedy);
        }
    }
}
