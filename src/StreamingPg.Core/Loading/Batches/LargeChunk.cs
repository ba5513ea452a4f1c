using Npgsql;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>Loads many rows by binary COPY, one table after the other, while the next rows are being made.</summary>
internal static class LargeChunk
{
    /// <summary>Makes and sends the rows of a chunk.</summary>
    /// <returns>Time of making rows, of waiting for them, and their bytes.</returns>
    public static async Task<ChunkFigures> CopyAsync(
        NpgsqlConnection open,
        string schema,
        BatchPlan plan,
        BatchGenerator generator,
        ForeignKeyCheck check,
        ChunkProgress progress,
        CancellationToken cancellationToken)
    {
        var begin = new CommandBatch(open);
        DeferredReferences.Defer(begin, plan.Model);
        await begin.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producer = new RowProducer(plan, generator);
        var producing = Task.Run(() => producer.RunAsync(stop.Token), CancellationToken.None);
        try
        {
            foreach (var table in plan.Model.Tables.Where(table => generator.Rows(table).Count > 0))
            {
                var triggers = new CommandBatch(open);
                SetCheckedTables.BeginTable(triggers, plan.Model, table, check);
                await triggers.ExecuteAsync(cancellationToken).ConfigureAwait(false);
                await CopyAsync(open, schema, table, producer, progress, cancellationToken).ConfigureAwait(false);
                triggers = new CommandBatch(open);
                SetCheckedTables.EndTable(triggers, plan.Model, table, check);
                await triggers.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }

            await producing.ConfigureAwait(false);
            await new DeferredReferences(schema, plan, generator, check).SetAsync(open, cancellationToken).ConfigureAwait(false);
            return new ChunkFigures { Generate = producer.Time, WaitForRows = producer.Waited, Bytes = producer.Bytes };
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(producing).ConfigureAwait(false);
            producer.Drain();
        }
    }

    private static async Task CopyAsync(
        NpgsqlConnection open,
        string schema,
        TableModel table,
        RowProducer producer,
        ChunkProgress progress,
        CancellationToken cancellationToken)
    {
        var target = await CopyTarget.BeginAsync(open, schema, table.Name, table.WrittenColumns, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            target.LimitWaits(progress.StallTimeout);
            await foreach (var block in producer.BlocksOf(table, cancellationToken).ConfigureAwait(false))
            {
                using (block)
                {
                    await target.SendAsync(block, cancellationToken).ConfigureAwait(false);
                    progress.Add($"Loading {table.Name}", block.Rows);
                }
            }

            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
