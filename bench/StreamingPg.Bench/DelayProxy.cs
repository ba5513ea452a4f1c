using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace StreamingPg.Bench;

/// <summary>Passes bytes on between client and server, each way a while later: a network between them.</summary>
internal sealed class DelayProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly TimeSpan _delay;
    private readonly Task _accepting;

    public DelayProxy(int serverPort, TimeSpan delay)
    {
        (_serverPort, _delay) = (serverPort, delay);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream()), PassAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException)
            {
                // One side has gone.
            }
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        var waiting = Channel.CreateUnbounded<(byte[] Bytes, long ArrivedAt)>();
        var writing = WriteAsync(waiting.Reader, to);
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var read)
        {
            waiting.Writer.TryWrite((buffer[..read], Stopwatch.GetTimestamp()));
        }

        waiting.Writer.Complete();
        await writing;
    }

    private async Task WriteAsync(ChannelReader<(byte[] Bytes, long ArrivedAt)> waiting, NetworkStream to)
    {
        await foreach (var (bytes, arrivedAt) in waiting.ReadAllAsync(_stop.Token))
        {
            if (_delay - Stopwatch.GetElapsedTime(arrivedAt) is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, _stop.Token);
            }

            await to.WriteAsync(bytes, _stop.Token);
        }
    }
}
