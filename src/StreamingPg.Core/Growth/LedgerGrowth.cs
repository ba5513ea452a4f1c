using Npgsql;
using StreamingPg.Core.Ledger;

namespace StreamingPg.Core.Growth;

/// <summary>Rows per table by what the ledger says.</summary>
internal sealed class LedgerGrowth(NpgsqlConnection session, string ledger, CancellationToken cancellationToken)
{
    /// <summary>Added by the batch with the highest number, all its committed parts together.</summary>
    public Task<Dictionary<string, long>> OfLastBatchAsync() =>
        SumAsync($"batch_number = (SELECT max(batch_number) FROM {ledger} WHERE kind IN {LedgerKind.LoadsSql}) AND kind IN {LedgerKind.LoadsSql}");

    /// <summary>Added by what committed within <paramref name="period"/> before now, by the server's clock.</summary>
    public Task<Dictionary<string, long>> InPeriodAsync(TimeSpan period) =>
        SumAsync($"kind IN {LedgerKind.AddedSql} AND committed_at >= now() - $1", new NpgsqlParameter { Value = period });

    /// <summary>Ever added, less what was removed: rows that are there.</summary>
    public Task<Dictionary<string, long>> OfAllAsync() => SumAsync($"kind IN {LedgerKind.AddedSql} OR kind IN {LedgerKind.RemovedSql}");

    private async Task<Dictionary<string, long>> SumAsync(string condition, params NpgsqlParameter[] parameters)
    {
        var sql = $"""
            SELECT added.key, sum(CASE WHEN kind IN {LedgerKind.RemovedSql} THEN -added.value::bigint ELSE added.value::bigint END)::bigint
            FROM {ledger} CROSS JOIN LATERAL jsonb_each_text(rows) AS added
            WHERE {condition}
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
