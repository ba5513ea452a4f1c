using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Npgsql;
using StreamingPg.Core.Binary;
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

/// <summary>Makes the rows of a chunk on a thread of its own and hands them on in blocks, a few ahead of the loader.</summary>
internal sealed class RowProducer
{
    private const int BlocksAhead = 8;

    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly Channel<(TableModel Table, RowBlock Block)> _blocks =
        Channel.CreateBounded<(TableModel, RowBlock)>(new BoundedChannelOptions(BlocksAhead) { SingleWriter = true });

    public RowProducer(BatchPlan plan, BatchGenerator generator)
    {
        _plan = plan;
        _generator = generator;
    }

    /// <summary>Time spent making rows, without waiting for the loader.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>Time that the loader waited for blocks.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>Bytes of the blocks made so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The blocks of a table; tables are requested in loading order. Whoever takes a block disposes it.</summary>
    public async IAsyncEnumerable<RowBlock> BlocksOf(
        TableModel table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await WaitAsync(cancellationToken).ConfigureAwait(false)
            && _blocks.Reader.TryPeek(out var next)
            && next.Table == table
            && _blocks.Reader.TryRead(out var item))
        {
            yield return item.Block;
        }
    }

    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var hasBlock = await _blocks.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        Waited += Stopwatch.GetElapsedTime(begin);
        return hasBlock;
    }

    /// <summary>Makes all rows; ends with the last, or with the first error, which the reader gets too.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var phase = StreamingActivity.StartGenerating(_generator.Chunk);
        try
        {
            foreach (var table in _plan.Model.Tables)
            {
                await ProduceAsync(table, cancellationToken).ConfigureAwait(false);
            }

            phase.Complete();
            _blocks.Writer.Complete();
        }
        catch (Exception exception)
        {
            _blocks.Writer.Complete(exception);
            throw;
        }
    }

    /// <summary>Gives back the blocks that nobody took.</summary>
    public void Drain()
    {
        while (_blocks.Reader.TryRead(out var item))
        {
            item.Block.Dispose();
        }
    }

    private async Task ProduceAsync(TableModel table, CancellationToken cancellationToken)
    {
        var generator = _generator.Table(table.Name);
        var range = _generator.Rows(table);
        for (var row = range.From; row < range.To;)
        {
            var begin = Stopwatch.GetTimestamp();
            var block = new RowBlock();
            row = generator.Fill(new RowWriter(block), row, range.To);
            Time += Stopwatch.GetElapsedTime(begin);
            Bytes += block.Length;
            if (!_blocks.Writer.TryWrite((table, block)))
            {
                await _blocks.Writer.WriteAsync((table, block), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
