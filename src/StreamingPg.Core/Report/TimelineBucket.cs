namespace StreamingPg.Core.Report;

/// <summary>What the ledger has of one stretch of a <see cref="Timeline"/>.</summary>
/// <param name="Start">Its beginning (UTC).</param>
/// <param name="Batches">Batches and imports whose last commit lies in it.</param>
/// <param name="Retries">Attempts that failed and were repeated.</param>
/// <param name="P50">Half of the batches took so many seconds or less; null where there is none.</param>
/// <param name="P95">95 of 100 batches took so many seconds or less; null where there is none.</param>
/// <param name="Rows">Rows per table at its end, by the ledger: loaded less removed since the beginning of the ledger.</param>
internal sealed record TimelineBucket(
    DateTime Start, long Batches, long Retries, double? P50, double? P95, IReadOnlyDictionary<string, long> Rows);
