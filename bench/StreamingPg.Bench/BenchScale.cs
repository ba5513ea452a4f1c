using StreamingPg.Core.Loading;

namespace StreamingPg.Bench;

/// <summary>How much is measured how often.</summary>
internal sealed record BenchScale
{
    /// <summary>A small batch.</summary>
    public static readonly ShopRows SmallBatch = new(10, 30, 100);

    /// <summary>The sizes of the targets.</summary>
    public static readonly BenchScale Full = new()
    {
        BulkBatch = new ShopRows(100_000, 300_000, 1_000_000),
        BulkRounds = 5,
        SmallRounds = 10,
        SmallBatchesPerRound = 50,
        GrownRows = 50_000_000,
        GrownBulkRounds = 5,
        ManyRows = ShopRows.OfTotal(14_000_000),
        FewRows = ShopRows.OfTotal(140_000),
        MemoryRounds = 3,
        PipelineUsers = 1_000_000,
        PipelineRounds = 5,
        BogusUsers = 200_000,
        GenerationRounds = 9,
        StartRounds = 15,
        IntegrityRounds = 3,
        GrowthReadings = 50,
        FileRows = ShopRows.OfTotal(10_000_000),
        FileRounds = 3,
        ShopJsonRows = 1_600_000,
        ProductRows = 1000,
    };

    /// <summary>Sizes for a look in under three minutes.</summary>
    public static readonly BenchScale Quick = new()
    {
        BulkBatch = ShopRows.OfTotal(280_000),
        BulkRounds = 3,
        SmallRounds = 3,
        SmallBatchesPerRound = 50,
        GrownRows = 1_000_000,
        GrownBulkRounds = 3,
        ManyRows = ShopRows.OfTotal(1_400_000),
        FewRows = ShopRows.OfTotal(140_000),
        MemoryRounds = 1,
        PipelineUsers = 200_000,
        PipelineRounds = 3,
        BogusUsers = 50_000,
        GenerationRounds = 3,
        StartRounds = 5,
        IntegrityRounds = 3,
        GrowthReadings = 20,
        FileRows = ShopRows.OfTotal(1_000_000),
        FileRounds = 3,
        ShopJsonRows = 320_000,
        ProductRows = 200,
    };

    /// <summary>A bulk batch.</summary>
    public required ShopRows BulkBatch { get; init; }

    /// <summary>Rows of one transaction of a bulk batch: the engine's default, in smaller runs as many chunks of a smaller batch.</summary>
    public int BulkChunk => (int)Math.Min(StreamingPg.Core.Loading.BatchOptions.DefaultChunkSize, Math.Ceiling(BulkBatch.Total / 14.0));

    public required int BulkRounds { get; init; }

    public required int SmallRounds { get; init; }

    public required int SmallBatchesPerRound { get; init; }

    /// <summary>Rows of the tables that have grown.</summary>
    public required long GrownRows { get; init; }

    public required int GrownBulkRounds { get; init; }

    /// <summary>The batch whose memory is looked at.</summary>
    public required ShopRows ManyRows { get; init; }

    /// <summary>The batch that it is compared with.</summary>
    public required ShopRows FewRows { get; init; }

    public required int MemoryRounds { get; init; }

    /// <summary>Objects that go through the PowerShell pipeline.</summary>
    public required int PipelineUsers { get; init; }

    public required int PipelineRounds { get; init; }

    public required int BogusUsers { get; init; }

    public required int GenerationRounds { get; init; }

    /// <summary>How often PowerShell is started.</summary>
    public required int StartRounds { get; init; }

    public required int IntegrityRounds { get; init; }

    public required int GrowthReadings { get; init; }

    /// <summary>Rows of an export; an import has half as many.</summary>
    public required ShopRows FileRows { get; init; }

    public required int FileRounds { get; init; }

    /// <summary>Rows of examples/shop.json.</summary>
    public required long ShopJsonRows { get; init; }

    /// <summary>Rows of each of 200 tables.</summary>
    public required long ProductRows { get; init; }
}
