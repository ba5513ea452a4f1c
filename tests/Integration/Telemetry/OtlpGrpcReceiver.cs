using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>A collector that takes OTLP by gRPC: just enough of HTTP/2 to take one message per call and say that all is well.</summary>
internal sealed class OtlpGrpcReceiver : IDisposable
{
    private const int Preface = 24;
    private const byte DataFrame = 0, HeadersFrame = 1, SettingsFrame = 4, PingFrame = 6, EndStream = 1, Acknowledge = 1, EndHeaders = 4;

    // HPACK: status 200 by its index; the others spelt out, without compression.
    private static readonly byte[] Headers = [0x88, .. Header("content-type", "application/grpc")];
    private static readonly byte[] Trailers = Header("grpc-status", "0");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public OtlpGrpcReceiver()
    {
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public OtlpData Data { get; } = new();

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        var stream = client.GetStream();
        await stream.ReadExactlyAsync(new byte[Preface]);
        await SendAsync(stream, SettingsFrame, 0, 0, []);
        var calls = new Dictionary<int, (bool IsMetrics, MemoryStream Body)>();
        var head = new byte[9];
        while (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload);
            var (type, flags, id) = (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
            if (type is SettingsFrame or PingFrame && (flags & Acknowledge) == 0)
            {
                await SendAsync(stream, type, Acknowledge, 0, type == PingFrame ? payload : []);
            }
            else if (type == HeadersFrame)
            {
                calls[id] = (Encoding.Latin1.GetString(payload).Contains("MetricsService/Export", StringComparison.Ordinal), new MemoryStream());
            }
            else if (type == DataFrame)
            {
                calls[id].Body.Write(payload);
            }

            if (type is DataFrame or HeadersFrame && (flags & EndStream) != 0)
            {
                // Before the message stand a flag and its length.
                Data.Add(calls[id].Body.ToArray()[5..], calls[id].IsMetrics);
                await SendAsync(stream, HeadersFrame, EndHeaders, id, Headers);
                await SendAsync(stream, DataFrame, 0, id, new byte[5]);
                await SendAsync(stream, HeadersFrame, EndHeaders | EndStream, id, Trailers);
            }
        }
    }

    private static async Task SendAsync(NetworkStream stream, byte type, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[1], frame[2], frame[3], frame[4]) = ((byte)(payload.Length >> 8), (byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }

    private static byte[] Header(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
