using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Health;

/// <summary>How long sequences last: a SERIAL ends at 2,147,483,647.</summary>
internal static class SequenceHealth
{
    // A single large batch of a moment ago is no rate: what was added counts as that of an hour at least.
    private static string RateSql(string ledger) =>
        $"""
        SELECT added.key,
               sum(added.value::bigint)::float8 / (SELECT greatest(extract(epoch FROM least($1, now() - min(committed_at))), 3600) FROM {ledger})::float8
        FROM {ledger} CROSS JOIN LATERAL jsonb_each_text(rows) AS added
        WHERE kind IN {LedgerKind.LoadsSql} AND committed_at >= now() - $1
        GROUP BY added.key
        """;

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        var rates = (await session.QueryAsync(
            RateSql(probe.Connection.Quote(LedgerTable.Name)),
            row => (Table: row.GetString(0), RowsPerSecond: row.GetDouble(1)),
            probe.CancellationToken,
            Parameter.Of(probe.Options.Period)).ConfigureAwait(false)).ToDictionary(rate => rate.Table, rate => rate.RowsPerSecond);
        var results = new List<HealthResult>();
        foreach (var table in probe.Model.Tables)
        {
            if (table.SequenceColumn is { } column)
            {
                results.AddRange(await CheckAsync(probe, session, table, column, rates.GetValueOrDefault(table.Name)).ConfigureAwait(false));
            }
        }

        return results;
    }

    private static async Task<HealthResult[]> CheckAsync(
        HealthProbe probe, ReadOnlySession session, TableModel table, ColumnModel column, double rowsPerSecond)
    {
        var target = $"{table.Name}.{column.Name}";
        var sequence = await session.RunAsync(open =>
            SequenceReader.FindAsync(open, probe.Connection.Schema, table.Name, column.Name, probe.CancellationToken)).ConfigureAwait(false);
        if (sequence is null)
        {
            const string Why = "The column has no sequence. Initialize-StreamingSchema -WhatIf (streamingpg init --what-if) shows what is missing.";
            return
            [
                probe.Without(HealthCheck.SequenceDays, target, HealthStatus.Unknown, Why),
                probe.Without(HealthCheck.SequenceUsed, target, HealthStatus.Unknown, Why),
            ];
        }

        var left = $"{DisplayText.Count(sequence.Remaining)} values are left." + (sequence.MaxValue > int.MaxValue ? "" : " Make the key bigint while others go on writing: "
            + $"Update-StreamingSchema -WidenKey {table.Name} (streamingpg update-schema --widen-key {table.Name}).");
        var days = sequence.Remaining / rowsPerSecond / TimeSpan.FromDays(1).TotalSeconds;
        return
        [
            rowsPerSecond > 0
                ? probe.Result(HealthCheck.SequenceDays, target, days, left)
                : probe.Fine(HealthCheck.SequenceDays, target, null, "The table did not grow."),
            probe.Result(
                HealthCheck.SequenceUsed, target, Math.Clamp((double)sequence.LastValue / sequence.MaxValue, 0, 1), left),
        ];
    }
}
