using Npgsql;

namespace StreamingPg.Core.Growth;

/// <summary>Rows per table that the ledger says were added.</summary>
internal sealed class LedgerGrowth(NpgsqlConnection session, string ledger, CancellationToken cancellationToken)
{
    private const string Adds = "kind IN ('batch', 'import')";

    /// <summary>By the batch with the highest number, all its committed parts together.</summary>
    public Task<Dictionary<string, long>> OfLastBatchAsync() =>
        SumAsync($"batch_number = (SELECT max(batch_number) FROM {ledger} WHERE {Adds})");

    /// <summary>By what committed within <paramref name="period"/> before now, by the server's clock.</summary>
    public Task<Dictionary<string, long>> InPeriodAsync(TimeSpan period) =>
        SumAsync("committed_at >= now() - $1", new NpgsqlParameter { Value = period });

    /// <summary>Ever.</summary>
    public Task<Dictionary<string, long>> OfAllAsync() => SumAsync("true");

    private async Task<Dictionary<string, long>> SumAsync(string condition, params NpgsqlParameter[] parameters)
    {
        var sql = $"""
            SELECT added.key, sum(added.value::bigint)::bigint
            FROM {ledger} CROSS JOIN LATERAL jsonb_each_text(rows) AS added
            WHERE {Adds} AND {condition}
            GROUP BY added.key
            """;
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand(sql, session);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            sums.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return sums;
    }
}
