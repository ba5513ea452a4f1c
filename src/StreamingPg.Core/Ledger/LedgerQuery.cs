using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>SQL for the batches that a <see cref="LedgerFilter"/> selects, with their chunks combined.</summary>
internal static class LedgerQuery
{
    private const string IsLoaded = $"kind <> '{LedgerKind.Closed}'";
    private const string CommittedAt = $"max(committed_at) FILTER (WHERE {IsLoaded})";

    private const string StatusSql =
        $"""
        CASE WHEN count(*) < max(parts) THEN '{nameof(LedgerStatus.Incomplete)}' WHEN bool_or(kind = '{LedgerKind.Closed}')
             THEN '{nameof(LedgerStatus.Closed)}' ELSE '{nameof(LedgerStatus.Complete)}' END
        """;

    /// <summary>
    /// The batches, latest first: batch_id, batch_number, kind, parts (chunks), loaded (committed chunks), rows (a JSON list, one
    /// object per part), seed, retries, writer, started_at, committed_at, present (of an incomplete batch, the numbers of its chunks from 0),
    /// planned (rows per table of the whole batch, if it has several chunks), closed (whether it was), updated (rows per table that an import updated).
    /// </summary>
    public static string Batches(DatabaseConnection connection) =>
        $"""
        SELECT batch_id, min(batch_number) AS batch_number, min(kind) FILTER (WHERE {IsLoaded}) AS kind, max(parts) AS parts,
               count(*) FILTER (WHERE {IsLoaded})::int AS loaded, jsonb_agg(rows ORDER BY part) FILTER (WHERE {IsLoaded}) AS rows,
               max(seed) AS seed, sum(retries) AS retries, min(writer) FILTER (WHERE {IsLoaded}) AS writer,
               min(started_at) AS started_at, {CommittedAt} AS committed_at,
               CASE WHEN count(*) < max(parts) THEN array_agg(part) END AS present,
               CASE WHEN max(parts) > 1 THEN (array_agg(plan->'rows') FILTER (WHERE part = 0))[1] END AS planned,
               bool_or(kind = '{LedgerKind.Closed}') AS closed,
               (array_agg(plan->'{BatchLedger.UpdatedKey}') FILTER (WHERE kind = '{LedgerKind.Import}'))[1] AS updated
        FROM {connection.Quote(LedgerTable.Name)}
        WHERE kind IN {LedgerKind.ChunksSql} AND ($5::uuid IS NULL OR batch_id = $5)
        GROUP BY batch_id
        HAVING {TimeRange.Holds(CommittedAt)} AND ($4::text IS NULL OR $4 = {StatusSql})
        ORDER BY min(batch_number) DESC
        LIMIT $3
        """;

    /// <summary>The parameters of <see cref="Batches"/>.</summary>
    /// <exception cref="StreamingException">The filter's time ends before it begins.</exception>
    public static NpgsqlParameter[] Parameters(LedgerFilter filter) =>
    [
        .. new TimeRange(filter.Since, filter.Until).Parameters,
        Parameter.Of(filter.Last ?? int.MaxValue),
        Parameter.Of(filter.Status?.ToString(), NpgsqlDbType.Text),
        Parameter.Of(filter.BatchId, NpgsqlDbType.Uuid),
    ];
}
