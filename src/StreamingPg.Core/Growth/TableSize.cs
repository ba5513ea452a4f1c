namespace StreamingPg.Core.Growth;

/// <summary>What the catalog knows about the size of a table.</summary>
/// <param name="TableBytes">Bytes on disk, TOAST included.</param>
/// <param name="IndexBytes">Bytes of its indexes.</param>
/// <param name="Pages">Pages of its rows.</param>
/// <param name="EstimatedRows">Rows as the planner would guess; null when the server knows nothing yet.</param>
internal sealed record TableSize(long TableBytes, long IndexBytes, long Pages, long? EstimatedRows);
