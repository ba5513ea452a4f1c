namespace StreamingPg.Core.Loading;

/// <summary>What a user asks of a batch.</summary>
public sealed record BatchOptions
{
    /// <summary>New rows per table; a table of the model that is not named gets none.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    /// <summary>Share of references, 0 to 1, that go to parents that were there before, where there are any.</summary>
    public double ExistingRatio { get; init; } = 0.5;

    /// <summary>Seed of the random values; null draws one.</summary>
    public long? Seed { get; init; }

    /// <summary>No generated time is after this one (UTC); null means now, or a fixed instant when a seed is given.</summary>
    public DateTime? ReferenceTime { get; init; }

    /// <summary>Locale of names, cities and products, such as <c>en</c> or <c>de</c>.</summary>
    public string Locale { get; init; } = "en";

    /// <summary>Key of the batch in the ledger; null makes one. A batch that is already there is not loaded again.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>Most rows of one transaction; a batch of more rows is cut into parts, each a transaction of its own.</summary>
    public int ChunkSize { get; init; } = DefaultChunkSize;

    /// <summary>Connections that load parts at the same time, 1 to 64.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>How foreign keys are to be proven.</summary>
    public ForeignKeyCheck ForeignKeyCheck { get; init; } = ForeignKeyCheck.Auto;

    /// <summary>Rows of one transaction when nothing else is asked.</summary>
    public const int DefaultChunkSize = 250_000;
}
