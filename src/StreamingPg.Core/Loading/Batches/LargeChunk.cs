using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Relations;
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

    /// <summary>True if the rows are written as those of old transactions, which no vacuum has to look at. PostgreSQL does so in no partitioned table.</summary>
    public bool Freezes { get; init; }

    /// <summary>True if no key stands until all rows are there, and no trigger looks at them: references that close a cycle are loaded like any others.</summary>
    public bool KeysAreDropped { get; init; }

    /// <summary>The partitions that are loaded as tables of their own; null for none.</summary>
    public NewPartitions? Partitions { get; init; }

    /// <summary>Generates and sends the rows of the chunk.</summary>
    /// <returns>Time of generating rows, of waiting for them, and their bytes.</returns>
    public async Task<ChunkFigures> CopyAsync()
    {
        var tables = _transaction.Model.Tables.Where(table => _generator.Rows(table).Count > 0).ToList();
        foreach (var table in tables.Where(table => (KeysAreDropped || IsBySet(table)) && table.ForeignKeys.Any(key => key.IsLoadedLater)))
        {
            ReferenceColumns.SetLater(_generator.Table(table.Name)); // nothing looks at its references before all rows are there
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_transaction.Token);
        var producing = Task.Run(() => _producer.RunAsync(stop.Token), CancellationToken.None);
        try
        {
            var copied = await BeginAsync(tables).ConfigureAwait(false);
            foreach (var table in tables)
            {
                await CopyTableAsync(table, copied).ConfigureAwait(false);
            }

            await EndAsync(tables).ConfigureAwait(false);
            await producing.ConfigureAwait(false);
            if (!KeysAreDropped)
            {
                await new DeferredReferences(_transaction, _generator).SetAsync().ConfigureAwait(false);
            }

            return new ChunkFigures { Generate = _producer.Time, WaitForRows = _producer.Waited, Bytes = _producer.Bytes };
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(producing).ConfigureAwait(false);
            _producer.Drain();
        }
    }

    private bool IsBySet(TableModel table) => _transaction.Checks.CheckOf(table) == ForeignKeyCheck.Set;

    private bool IsFoundByPlace(TableModel table) => IsBySet(table) && !NewRowKeys.CanBeRange(table);

    /// <summary>Asks in one round trip what must be known before the tables are copied into: with many tables of few rows, round trips would be most of the time.</summary>
    private async Task<CopyTables> BeginAsync(List<TableModel> tables)
    {
        var commands = _transaction.NewCommands();
        if (!KeysAreDropped)
        {
            new DeferredReferences(_transaction, _generator).Defer(commands);
        }

        foreach (var table in tables.Where(IsFoundByPlace))
        {
            _transaction.Places.Begin(commands, table);
        }

        var copied = CopyTables.Ask(commands, _transaction.Schema, [.. tables.Select(table => table.Name)]);
        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        return copied;
    }

    private async Task EndAsync(List<TableModel> tables)
    {
        var commands = _transaction.NewCommands();
        commands.Add(SessionSettings.UseFixedPath);
        foreach (var table in tables.Where(IsFoundByPlace))
        {
            _transaction.Places.End(commands, table);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
    }

    private async Task CopyTableAsync(TableModel table, CopyTables copied)
    {
        var before = _transaction.NewCommands();
        _transaction.Checks.BeginTable(before, table);
        await _transaction.ExecuteAsync(before).ConfigureAwait(false);
        var (name, freezes) = Partitions?.TargetOf(table) ?? (table.Name, Freezes && table.Layout.Partition is null);
        var target = await CopyTarget.BeginAsync(_transaction.Session.Open, copied, name, table.WrittenColumns, freezes, _transaction.Token).ConfigureAwait(false);
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

        var after = _transaction.NewCommands();
        _transaction.Checks.EndTable(after, table);
        await _transaction.ExecuteAsync(after).ConfigureAwait(false);
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
