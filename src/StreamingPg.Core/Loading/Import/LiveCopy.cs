using System.Threading.Channels;
using Npgsql;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>A COPY that is fed while rows still come in; whoever feeds it waits when the server is behind.</summary>
/// <remarks>Where rows bring keys that a sequence has still to give, the sequence is moved first and another COPY follows: nobody else draws a
/// key that a row has which they cannot see.</remarks>
internal sealed class LiveCopy : IAsyncDisposable
{
    private const int BlocksAhead = 8;

    // Of 128 KB: to move the sequence and begin again takes several round trips.
    private const int BlocksOfCopy = 32;

    private readonly Channel<(RowBlock Rows, long? HighestKey)> _blocks = Channel.CreateBounded<(RowBlock, long?)>(
        new BoundedChannelOptions(BlocksAhead) { SingleReader = true, SingleWriter = true });

    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly CancellationTokenSource _stop;
    private readonly Task _copying;
    private CopyTarget? _target;
    private long _ahead = long.MinValue;

    public LiveCopy(NpgsqlConnection open, string schema, ImportSegment segment, CancellationToken cancellationToken)
    {
        (_open, _schema) = (open, schema);
        Segment = segment;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _copying = Task.Run(() => CopyAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>The segment that it loads.</summary>
    public ImportSegment Segment { get; }

    /// <summary>Takes a block over; blocks while the server is behind.</summary>
    /// <param name="block">The rows.</param>
    /// <param name="highestKey">No row so far has a higher key that the table's sequence might give; null if none has one.</param>
    public void Send(RowBlock block, long? highestKey = null)
    {
        if (_blocks.Writer.TryWrite((block, highestKey)))
        {
            return;
        }

        try
        {
            _blocks.Writer.WriteAsync((block, highestKey), _stop.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (ChannelClosedException)
        {
            block.Dispose();

            // The server refused: its error says more than that the channel is closed.
            _copying.GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Sends the last block and waits until the server has taken all rows.</summary>
    public async Task CompleteAsync(RowBlock last, long? highestKey, CancellationToken cancellationToken)
    {
        if (!_blocks.Writer.TryWrite((last, highestKey)))
        {
            try
            {
                await _blocks.Writer.WriteAsync((last, highestKey), cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                last.Dispose();
            }
        }

        _blocks.Writer.TryComplete();
        await _copying.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(_copying).ConfigureAwait(false);
        while (_blocks.Reader.TryRead(out var block))
        {
            block.Rows.Dispose();
        }

        _stop.Dispose();
    }

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        var waiting = new List<(RowBlock Rows, long? HighestKey)>();
        try
        {
            await foreach (var block in _blocks.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                waiting.Add(block);
                if (!(block.HighestKey > _ahead) || waiting.Count == BlocksOfCopy)
                {
                    await SendAsync(waiting, cancellationToken).ConfigureAwait(false);
                }
            }

            await SendAsync(waiting, cancellationToken).ConfigureAwait(false);
            await EndAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _blocks.Writer.TryComplete(exception);
            throw;
        }
        finally
        {
            waiting.ForEach(block => block.Rows.Dispose());
            if (_target is { } target)
            {
                await target.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(List<(RowBlock Rows, long? HighestKey)> blocks, CancellationToken cancellationToken)
    {
        if (blocks.Count > 0 && blocks[^1].HighestKey is { } highest && highest > _ahead)
        {
            await EndAsync(cancellationToken).ConfigureAwait(false);
            _ahead = await SequenceReservation.KeepAheadAsync(_open, _schema, Segment.Table, highest, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (rows, _) in blocks)
        {
            _target ??= await CopyTarget.BeginAsync(_open, _schema, Segment.Table.Name, Segment.Columns, cancellationToken).ConfigureAwait(false);
            await _target.SendAsync(rows.Memory, cancellationToken).ConfigureAwait(false);
            rows.Dispose();
        }

        blocks.Clear();
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_target is { } target)
        {
            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
            _target = null;
        }
    }
}
