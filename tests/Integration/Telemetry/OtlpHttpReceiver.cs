using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>A collector that takes OTLP by http/protobuf.</summary>
internal sealed class OtlpHttpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _paths = new();

    public OtlpHttpReceiver()
    {
        Endpoint = $"http://127.0.0.1:{FreePort()}";
        _listener.Prefixes.Add(Endpoint + "/");
        _listener.Start();
        _ = Task.Run(ReceiveAsync);
    }

    public string Endpoint { get; }

    public OtlpData Data { get; } = new();

    /// <summary>Where something was sent to.</summary>
    public IReadOnlyCollection<string> Paths => _paths;

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            _paths.Enqueue(context.Request.Url!.AbsolutePath);
            Data.Add(body.ToArray(), context.Request.Url!.AbsolutePath.EndsWith("/v1/metrics", StringComparison.Ordinal));
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}
