using Npgsql;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>Loads many rows by binary COPY, one table after the other, while the next rows are being made.</summary>
internal static class LargePart
{
    /// <summary>Makes and sends the rows of a part.</summary>
    /// <returns>Time of making rows, of waiting for them, and their bytes.</returns>
    public static async Task<PartFigures> CopyAsync(
        NpgsqlConnection open,
        string schema,
        BatchPlan plan,
        BatchGenerator generator,
        PartProgress progress,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producer = new RowProducer(plan, generator);
        var producing = Task.Run(() => producer.RunAsync(stop.Token), CancellationToken.None);
        try
        {
            foreach (var table in plan.Model.Tables.Where(table => generator.Rows(table).Count > 0))
            {
                await CopyAsync(open, schema, table, producer, progress, cancellationToken).ConfigureAwait(false);
            }

            await producing.ConfigureAwait(false);
            return new PartFigures { Generate = producer.Time, WaitForRows = producer.Waited, Bytes = producer.Bytes };
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
        PartProgress progress,
        CancellationToken cancellationToken)
    {
        var target = await CopyTarget.BeginAsync(open, schema, table.Name, table.Columns, cancellationToken).ConfigureAwait(false);
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
