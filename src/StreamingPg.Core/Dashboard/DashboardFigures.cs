namespace StreamingPg.Core.Dashboard;

/// <summary>What the live page shows, of one moment.</summary>
internal sealed record DashboardFigures
{
    /// <summary>When it was read, by the server's clock (UTC).</summary>
    public required DateTime Time { get; init; }

    /// <summary>What the ledger has of the latest stretches, in order.</summary>
    public required IReadOnlyList<DashboardBin> Bins { get; init; }

    /// <summary>The latest commits, last first.</summary>
    public required IReadOnlyList<DashboardCommit> Commits { get; init; }

    /// <summary>Who loads.</summary>
    public required IReadOnlyList<DashboardWriter> Writers { get; init; }

    /// <summary>The tables: rows and sizes.</summary>
    public required IReadOnlyList<TableGrowth> Tables { get; init; }

    /// <summary>What is read less often.</summary>
    public required DashboardSlowFigures Slow { get; init; }
}

/// <summary>What takes longer to read, and is read less often.</summary>
/// <param name="Health">The health checks.</param>
/// <param name="WeekTable">The table of <paramref name="Week"/>; null when there is none, or it took too long to read.</param>
/// <param name="Week">Its events by weekday and hour.</param>
/// <param name="WeekProblem">Why there is no week.</param>
internal sealed record DashboardSlowFigures(
    IReadOnlyList<HealthResult> Health, string? WeekTable, IReadOnlyList<IReadOnlyList<long>> Week, string WeekProblem);

/// <summary>What the ledger has of a stretch of time.</summary>
/// <param name="Start">Its beginning (UTC).</param>
/// <param name="Rows">Rows that were loaded.</param>
/// <param name="Batches">Batches and imports whose last commit lies in it.</param>
/// <param name="Retries">Attempts that failed and were made again.</param>
/// <param name="P50">Median seconds of the batches; null if there is none.</param>
/// <param name="P95">95th percentile of the seconds; null if there is none.</param>
internal sealed record DashboardBin(DateTime Start, long Rows, long Batches, long Retries, double? P50, double? P95);

/// <summary>A row of the ledger.</summary>
internal sealed record DashboardCommit(
    long BatchNumber, string Kind, int Chunk, int Chunks, IReadOnlyList<TableCount> Tables, long Retries, DateTime StartedAt, DateTime CommittedAt, string Writer);

/// <summary>A process that loaded in the latest stretches.</summary>
internal sealed record DashboardWriter(string Name, long Batches, long Rows, long Retries, DateTime LastCommit, double? P95);
