using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Growth;

/// <summary>Rows per table by what the ledger says.</summary>
internal sealed class LedgerGrowth(NpgsqlConnection session, string ledger, CancellationToken cancellationToken)
{
    /// <summary>Added by the batch with the highest number: all its committed chunks.</summary>
    public Task<Dictionary<string, long>> OfLastBatchAsync() =>
        SumAsync($"batch_number = (SELECT max(batch_number) FROM {ledger} WHERE kind IN {LedgerKind.LoadsSql}) AND kind IN {LedgerKind.LoadsSql}");

    /// <summary>Added by what committed within <paramref name="period"/> before now, by the server's clock.</summary>
    public Task<Dictionary<string, long>> InPeriodAsync(TimeSpan period) =>
        SumAsync($"kind IN {LedgerKind.AddedSql} AND committed_at >= now() - $1", new NpgsqlParameter { Value = period });

    /// <summary>Updated by imports within <paramref name="period"/> before now. Daily totals do not have them.</summary>
    public Task<Dictionary<string, long>> UpdatedInPeriodAsync(TimeSpan period) => SumAsync(
        $"kind = '{LedgerKind.Import}' AND committed_at >= now() - $1",
        $"coalesce(plan->'{BatchLedger.UpdatedKey}', jsonb_build_object())",
        new NpgsqlParameter { Value = period });

    /// <summary>Ever added, less what was removed: rows that are there.</summary>
    public Task<Dictionary<string, long>> OfAllAsync() => SumAsync($"kind IN {LedgerKind.AddedSql} OR kind IN {LedgerKind.RemovedSql}");

    private Task<Dictionary<string, long>> SumAsync(string condition, params NpgsqlParameter[] parameters) => SumAsync(condition, "rows", parameters);

    private async Task<Dictionary<string, long>> SumAsync(string condition, string counts, params NpgsqlParameter[] parameters)
    {
        var sql = $"""
            SELECT added.key, sum(CASE WHEN kind IN {LedgerKind.RemovedSql} THEN -added.value::bigint ELSE added.value::bigint END)::bigint
            FROM {ledger} CROSS JOIN LATERAL jsonb_each_text({counts}) AS added
            WHERE {condition}
            GROUP BY added.key
            """;
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        var commands = new CommandBatch(session);
        commands.Query(sql, row => sums.Add(row.GetString(0), row.GetInt64(1)), parameters);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return sums;
    }
}

/// <summary>What the ledger got since it was read last.</summary>
/// <remarks>
/// A row of it carries the time at which it was written, and is seen a moment later, when its transaction has been committed.
/// So each reading goes back a little before the latest row, and rows that were counted before are left out by their keys.
/// </remarks>
internal sealed class LedgerTail(DatabaseConnection connection)
{
    private const string Overlap = "interval '1 minute'";

    private HashSet<(Guid Batch, int Chunk)> _counted = [];
    private bool _began;
    private DateTime? _latest; // the smallest of all times is -infinity to the server

    /// <summary>Rows per table that were added, less those removed; nothing the first time.</summary>
    public async Task<Dictionary<string, long>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await ReadOnlySession.BeginAsync(
            connection, ReadOnlySession.DefaultStatementTimeout, "watching the ledger", cancellationToken).ConfigureAwait(false);
        var entries = await session.QueryAsync(
            Sql, Read, cancellationToken, Parameter.Of(_latest, NpgsqlDbType.TimestampTz)).ConfigureAwait(false);
        var news = _began ? entries.Where(entry => !_counted.Contains(entry.Key)) : [];
        var sums = news.SelectMany(entry => entry.Rows).GroupBy(rows => rows.Table)
            .ToDictionary(table => table.Key, table => table.Sum(rows => rows.Rows), StringComparer.Ordinal);
        _began = true;
        _counted = [.. entries.Select(entry => entry.Key)];
        _latest = entries.Count == 0 ? _latest ?? DateTime.MinValue : entries.Max(entry => entry.Time);
        return sums;
    }

    private string Sql
    {
        get
        {
            var ledger = connection.Quote(LedgerTable.Name);
            return $"""
                SELECT batch_id, part, committed_at, kind IN {LedgerKind.RemovedSql}, rows::text
                FROM {ledger}
                WHERE kind IN ('{LedgerKind.Batch}', '{LedgerKind.Import}', '{LedgerKind.Removal}')
                  AND committed_at >= coalesce($1, (SELECT max(committed_at) FROM {ledger})) - {Overlap}
                """;
        }
    }

    private static Entry Read(NpgsqlDataReader row)
    {
        var sign = row.GetBoolean(3) ? -1 : 1;
        using var rows = JsonDocument.Parse(row.GetString(4));
        return new Entry(
            (row.GetGuid(0), row.GetInt32(1)),
            row.GetDateTime(2),
            [.. rows.RootElement.EnumerateObject().Select(table => new TableCount(table.Name, sign * table.Value.GetInt64()))]);
    }

    private sealed record Entry((Guid Batch, int Chunk) Key, DateTime Time, IReadOnlyList<TableCount> Rows);
}
