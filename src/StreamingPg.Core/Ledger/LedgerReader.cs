using System.Text.Json;
using Npgsql;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Ledger;

/// <summary>Lists what the ledger has.</summary>
internal static class LedgerReader
{
    /// <summary>The batches and imports that a filter means, oldest first.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="StreamingException">There is no ledger, or the server refused the query.</exception>
    public static async Task<IReadOnlyList<LedgerEntry>> ReadAsync(
        DatabaseConnection connection, LedgerFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(filter);
        var parameters = LedgerQuery.Parameters(filter);
        await using var session = await ReadOnlySession.BeginAsync(
            connection, filter.StatementTimeout, "reading the ledger", cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync(
            $"""
            SELECT batch_id, batch_number, kind, parts, loaded, rows::text, seed, retries, writer, started_at, committed_at
            FROM ({LedgerQuery.Batches(connection)}) AS batch
            ORDER BY batch_number
            """,
            Entry,
            cancellationToken,
            parameters).ConfigureAwait(false);
    }

    private static LedgerEntry Entry(NpgsqlDataReader row) => new()
    {
        BatchId = row.GetGuid(0),
        BatchNumber = row.GetInt64(1),
        Kind = row.GetString(2),
        Chunks = row.GetInt32(3),
        ChunksLoaded = row.GetInt32(4),
        Status = row.GetInt32(3) == row.GetInt32(4) ? LedgerStatus.Complete : LedgerStatus.Incomplete,
        Tables = Tables(row.GetString(5)),
        Seed = row.IsDBNull(6) ? null : row.GetInt64(6),
        Retries = row.GetInt64(7),
        Writer = row.IsDBNull(8) ? null : row.GetString(8),
        StartedAt = row.GetDateTime(9),
        CommittedAt = row.GetDateTime(10),
    };

    /// <summary>Adds up the rows of all chunks.</summary>
    private static List<TableCount> Tables(string rowsOfChunks)
    {
        using var parts = JsonDocument.Parse(rowsOfChunks);
        return [.. parts.RootElement.EnumerateArray()
            .SelectMany(part => part.EnumerateObject())
            .GroupBy(table => table.Name)
            .Select(table => new TableCount(table.Key, table.Sum(part => part.Value.GetInt64())))];
    }
}
