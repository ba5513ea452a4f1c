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
            SELECT batch_id, batch_number, kind, parts, loaded, rows::text, seed, retries, writer, started_at, committed_at, present, planned::text, closed, updated::text
            FROM ({LedgerQuery.Batches(connection)}) AS batch
            ORDER BY batch_number
            """,
            Entry,
            cancellationToken,
            parameters).ConfigureAwait(false);
    }

    private static LedgerEntry Entry(NpgsqlDataReader row)
    {
        var (chunks, loaded) = (row.GetInt32(3), Tables(row.GetString(5)));
        IReadOnlyList<int> missing = row.IsDBNull(11) ? [] : [.. Enumerable.Range(0, chunks).Except(row.GetFieldValue<int[]>(11)).Select(chunk => chunk + 1)];
        return new()
        {
            BatchId = row.GetGuid(0),
            BatchNumber = row.GetInt64(1),
            Kind = row.GetString(2),
            Chunks = chunks,
            ChunksLoaded = row.GetInt32(4),
            Status = missing.Count > 0 ? LedgerStatus.Incomplete : row.GetBoolean(13) ? LedgerStatus.Closed : LedgerStatus.Complete,
            Tables = loaded,
            Updated = row.IsDBNull(14) ? [] : Counts(row.GetString(14)),
            MissingChunks = missing,
            MissingRows = missing.Count == 0 || row.IsDBNull(12) ? [] : Missing(row.GetString(12), loaded),
            Seed = row.IsDBNull(6) ? null : row.GetInt64(6),
            Retries = row.GetInt64(7),
            Writer = row.IsDBNull(8) ? null : row.GetString(8),
            StartedAt = row.GetDateTime(9),
            CommittedAt = row.GetDateTime(10),
        };
    }

    /// <summary>The rows of the whole batch less those that are loaded.</summary>
    private static List<TableCount> Missing(string planned, List<TableCount> loaded) =>
    [
        .. Counts(planned)
            .Select(table => table with { Rows = table.Rows - (loaded.Find(count => count.Table == table.Table)?.Rows ?? 0) })
            .Where(table => table.Rows > 0),
    ];

    private static List<TableCount> Counts(string json)
    {
        using var rows = JsonDocument.Parse(json);
        return [.. rows.RootElement.EnumerateObject().Select(table => new TableCount(table.Name, table.Value.GetInt64()))];
    }

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
