using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Loading;

/// <summary>Lists what the ledger has.</summary>
public static class LedgerReader
{
    /// <summary>The latest batches and imports, oldest first.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="last">At most so many.</param>
    /// <param name="since">Only those committed at or after this instant; null means any.</param>
    /// <param name="status">Only those of this status; null means any.</param>
    /// <param name="batchId">Only this one; null means any.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="StreamingException">There is no ledger, or the server refused the query.</exception>
    public static async Task<IReadOnlyList<LedgerEntry>> ReadAsync(
        DatabaseConnection connection, int last, DateTime? since, LedgerStatus? status, Guid? batchId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        await using var open = await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        var entries = new List<LedgerEntry>();
        var trip = new RoundTrip(open);
        trip.Query(
            $"""
            SELECT batch_id, min(batch_number), min(kind), max(parts), count(*)::int, jsonb_agg(rows ORDER BY part)::text, max(seed),
                   sum(retries), min(writer), min(started_at), max(committed_at)
            FROM {connection.Quote(LedgerTable.Name)}
            WHERE $1::uuid IS NULL OR batch_id = $1
            GROUP BY batch_id
            HAVING ($2::timestamptz IS NULL OR max(committed_at) >= $2) AND ($3::bool IS NULL OR (count(*) = max(parts)) = $3)
            ORDER BY min(batch_number) DESC
            LIMIT $4
            """,
            row => entries.Add(Entry(row)),
            Parameter.Of(batchId, NpgsqlDbType.Uuid),
            Parameter.Of(since is { } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : null, NpgsqlDbType.TimestampTz),
            Parameter.Of(status is { } wanted ? wanted == LedgerStatus.Complete : null, NpgsqlDbType.Boolean),
            Parameter.Of(last));
        try
        {
            await trip.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Reading the ledger");
        }

        entries.Reverse();
        return entries;
    }

    private static LedgerEntry Entry(NpgsqlDataReader row) => new()
    {
        BatchId = row.GetGuid(0),
        BatchNumber = row.GetInt64(1),
        Kind = row.GetString(2),
        Parts = row.GetInt32(3),
        PartsLoaded = row.GetInt32(4),
        Status = row.GetInt32(3) == row.GetInt32(4) ? LedgerStatus.Complete : LedgerStatus.Incomplete,
        Tables = Tables(row.GetString(5)),
        Seed = row.IsDBNull(6) ? null : row.GetInt64(6),
        Retries = row.GetInt64(7),
        Writer = row.IsDBNull(8) ? null : row.GetString(8),
        StartedAt = row.GetDateTime(9),
        CommittedAt = row.GetDateTime(10),
    };

    /// <summary>Adds up the rows of all parts.</summary>
    private static List<TableCount> Tables(string rowsOfParts)
    {
        using var parts = JsonDocument.Parse(rowsOfParts);
        return [.. parts.RootElement.EnumerateArray()
            .SelectMany(part => part.EnumerateObject())
            .GroupBy(table => table.Name)
            .Select(table => new TableCount(table.Key, table.Sum(part => part.Value.GetInt64())))];
    }
}
