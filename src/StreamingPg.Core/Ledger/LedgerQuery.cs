using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Ledger;

/// <summary>SQL for the batches that a <see cref="LedgerFilter"/> selects, with their chunks combined.</summary>
internal static class LedgerQuery
{
    /// <summary>
    /// The batches, latest first: batch_id, batch_number, kind, parts (chunks), loaded (committed chunks), rows (a JSON list, one
    /// object per part), seed, retries, writer, started_at, committed_at.
    /// </summary>
    public static string Batches(DatabaseConnection connection) =>
        $"""
        SELECT batch_id, min(batch_number) AS batch_number, min(kind) AS kind, max(parts) AS parts, count(*)::int AS loaded,
               jsonb_agg(rows ORDER BY part) AS rows, max(seed) AS seed, sum(retries) AS retries, min(writer) AS writer,
               min(started_at) AS started_at, max(committed_at) AS committed_at
        FROM {connection.Quote(LedgerTable.Name)}
        WHERE kind IN {LedgerKind.LoadsSql} AND ($5::uuid IS NULL OR batch_id = $5)
        GROUP BY batch_id
        HAVING {TimeRange.Holds("max(committed_at)")} AND ($4::bool IS NULL OR (count(*) = max(parts)) = $4)
        ORDER BY min(batch_number) DESC
        LIMIT $3
        """;

    /// <summary>The parameters of <see cref="Batches"/>.</summary>
    /// <exception cref="StreamingException">The filter's time ends before it begins.</exception>
    public static NpgsqlParameter[] Parameters(LedgerFilter filter) =>
    [
        .. new TimeRange(filter.Since, filter.Until).Parameters,
        Parameter.Of(filter.Last ?? int.MaxValue),
        Parameter.Of(filter.Status is { } wanted ? wanted == LedgerStatus.Complete : null, NpgsqlDbType.Boolean),
        Parameter.Of(filter.BatchId, NpgsqlDbType.Uuid),
    ];
}
