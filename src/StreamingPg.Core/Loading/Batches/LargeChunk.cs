using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>Loads many rows by binary COPY, one table after the other, while the next rows are being generated.</summary>
internal sealed class LargeChunk
{
    private readonly ChunkTransaction _transaction;
    private readonly BatchGenerator _generator;
    private readonly BatchProgressCounter? _progress;
    private readonly RowProducer _producer;

    public LargeChunk(ChunkTransaction transaction, BatchGenerator generator, BatchProgressCounter? progress)
    {
        _transaction = transaction;
        _generator = generator;
        _progress = progress;
        _producer = new RowProducer(transaction.Model, generator);
    }

    /// <summary>Generates and sends the rows of the chunk.</summary>
    /// <returns>Time of generating rows, of waiting for them, and their bytes.</returns>
    public async Task<ChunkFigures> CopyAsync()
    {
        var begin = _transaction.NewCommands();
        DeferredReferences.Defer(begin, _transaction.Model);
        await _transaction.ExecuteAsync(begin).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_transaction.Token);
        var producing = Task.Run(() => _producer.RunAsync(stop.Token), CancellationToken.None);
        try
        {
            foreach (var table in _transaction.Model.Tables.Where(table => _generator.Rows(table).Count > 0))
            {
                await CopyTableAsync(table).ConfigureAwait(false);
            }

            await producing.ConfigureAwait(false);
            await new DeferredReferences(_transaction, _generator).SetAsync().ConfigureAwait(false);
            return new ChunkFigures { Generate = _producer.Time, WaitForRows = _producer.Waited, Bytes = _producer.Bytes };
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(producing).ConfigureAwait(false);
            _producer.Drain();
        }
    }

    private async Task CopyTableAsync(TableModel table)
    {
        var triggers = _transaction.NewCommands();
        SetCheckedTables.BeginTable(triggers, _transaction.Model, table, _transaction.Check);
        await _transaction.ExecuteAsync(triggers).ConfigureAwait(false);
        var target = await CopyTarget.BeginAsync(
            _transaction.Session.Open, _transaction.Schema, table.Name, table.WrittenColumns, _transaction.Token).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            await foreach (var block in _producer.BlocksOf(table, _transaction.Token).ConfigureAwait(false))
            {
                using (block)
                {
                    await target.SendAsync(block.Memory, _transaction.Token).ConfigureAwait(false);
                    _transaction.Watchdog.Moved();
                    _progress?.Add($"Loading {table.Name}", block.Rows);
                }
            }

            await target.CompleteAsync(_transaction.Token).ConfigureAwait(false);
        }

        triggers = _transaction.NewCommands();
        SetCheckedTables.EndTable(triggers, _transaction.Model, table, _transaction.Check);
        await _transaction.ExecuteAsync(triggers).ConfigureAwait(false);
    }
}

/// <summary>Makes the rows of a chunk on a thread of its own and hands them on in blocks, a few ahead of the loader.</summary>
internal sealed class RowProducer
{
    private const int BlocksAhead = 8;

    private readonly StreamModel _model;
    private readonly BatchGenerator _generator;
    private readonly Channel<(TableModel Table, RowBlock Block)> _blocks =
        Channel.CreateBounded<(TableModel, RowBlock)>(new BoundedChannelOptions(BlocksAhead) { SingleWriter = true });

    public RowProducer(StreamModel model, BatchGenerator generator)
    {
        _model = model;
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
            foreach (var table in _model.Tables)
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
