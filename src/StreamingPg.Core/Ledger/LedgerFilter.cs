using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Ledger;

/// <summary>Which batches of the ledger are meant; nothing given means all.</summary>
internal sealed record LedgerFilter
{
    private const int Offered = 20;

    /// <summary>The batches that are offered to whoever types an id: the latest, or the latest of those that are incomplete.</summary>
    public static LedgerFilter ToOffer(bool onlyIncomplete) => new() { Last = Offered, Status = onlyIncomplete ? LedgerStatus.Incomplete : null };

    /// <summary>What is said of a batch that is offered.</summary>
    public static string Describe(LedgerEntry entry) =>
        $"{DisplayText.Instant(entry.CommittedAt)}, {DisplayText.Count(entry.TotalRows)} rows, {entry.ChunksLoaded} of {entry.Chunks} chunks, {entry.Kind}";

    /// <summary>Only this many of the latest ones; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>Only those committed at or after this instant (UTC).</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only those committed before this instant (UTC).</summary>
    public DateTime? Until { get; init; }

    /// <summary>Only those of this status.</summary>
    public LedgerStatus? Status { get; init; }

    /// <summary>Only this one.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>The server ends a query that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;
}
