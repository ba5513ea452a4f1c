using System.Threading.Channels;
using Npgsql;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>A COPY that is fed while rows still come in; whoever feeds it waits when the server is behind.</summary>
internal sealed class LiveCopy : IAsyncDisposable
{
    private const int BlocksAhead = 8;

    private readonly Channel<RowBlock> _blocks = Channel.CreateBounded<RowBlock>(
        new BoundedChannelOptions(BlocksAhead) { SingleReader = true, SingleWriter = true });

    private readonly CancellationTokenSource _stop;
    private readonly Task _copying;

    public LiveCopy(NpgsqlConnection open, string schema, ImportSegment segment, CancellationToken cancellationToken)
    {
        Segment = segment;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _copying = Task.Run(() => CopyAsync(open, schema, segment, _stop.Token), CancellationToken.None);
    }

    /// <summary>The segment that it loads.</summary>
    public ImportSegment Segment { get; }

    /// <summary>Takes a block over; blocks while the server is behind.</summary>
    public void Send(RowBlock block)
    {
        if (_blocks.Writer.TryWrite(block))
        {
            return;
        }

        try
        {
            _blocks.Writer.WriteAsync(block, _stop.Token).AsTask().GetAwaiter().GetResult();
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
    public async Task CompleteAsync(RowBlock last, CancellationToken cancellationToken)
    {
        if (!_blocks.Writer.TryWrite(last))
        {
            try
            {
                await _blocks.Writer.WriteAsync(last, cancellationToken).ConfigureAwait(false);
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
            block.Dispose();
        }

        _stop.Dispose();
    }

    private async Task CopyAsync(NpgsqlConnection open, string schema, ImportSegment segment, CancellationToken cancellationToken)
    {
        try
        {
            var target = await CopyTarget.BeginAsync(open, schema, segment.Table.Name, segment.Columns, cancellationToken).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                await foreach (var block in _blocks.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    using (block)
                    {
                        await target.SendAsync(block.Memory, cancellationToken).ConfigureAwait(false);
                    }
                }

                await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _blocks.Writer.TryComplete(exception);
            throw;
        }
    }
}
