using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>
/// Stands between client and server, reads the client's side of the protocol, and cuts or stalls connections where told. A fault
/// happens so many times; after that everything is passed on.
/// </summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private const int CancelRequest = 80877102;
    private const int SslRequest = 80877103;
    private const int GssEncryptionRequest = 80877104;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _open = [];
    private readonly string _serverHost;
    private readonly int _serverPort;
    private readonly Task _accepting;
    private int _left;
    private int _happened;
    private int _roundTrips;

    /// <param name="server">The server behind it.</param>
    /// <param name="fault">What it does.</param>
    /// <param name="times">How often.</param>
    public FaultyProxy(NpgsqlConnectionStringBuilder server, ProxyFault fault = ProxyFault.None, int times = 1)
    {
        _serverHost = PostgresContainer.TcpHost(server);
        _serverPort = server.Port;
        Fault = fault;
        _left = times;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ProxyFault Fault { get; }

    /// <summary>Major version (two digits) that the server says it is, when it shall pass for another one.</summary>
    public string? PretendedMajor { get; init; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often the fault has happened: what goes before it is over, such as the server's answer to a COMMIT that is lost.</summary>
    public int Happened => Volatile.Read(ref _happened);

    /// <summary>How often a client has waited for the server: every Sync, every simple query, every begin and end of COPY.</summary>
    public int RoundTrips => Volatile.Read(ref _roundTrips);

    /// <summary>Settings that lead through the proxy.</summary>
    public NpgsqlConnectionStringBuilder Through(NpgsqlConnectionStringBuilder settings) => new(settings.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = Port,
        SslMode = SslMode.Disable,
    };

    /// <summary>Takes no more connections.</summary>
    public void Refuse() => _listener.Stop();

    /// <summary>Cuts every connection and takes no more: the host is gone.</summary>
    public void Die()
    {
        _listener.Stop();
        CutAll();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Die();
        await _accepting;
        _stop.Dispose();
    }

    private void CutAll()
    {
        lock (_open)
        {
            _open.ForEach(client => client.Close());
            _open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(Track(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy was told to end.
        }
    }

    private TcpClient Track(TcpClient client)
    {
        lock (_open)
        {
            _open.Add(client);
        }

        client.NoDelay = true;
        return client;
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = Track(new TcpClient());
        var session = new Session();
        try
        {
            await server.ConnectAsync(_serverHost, _serverPort, _stop.Token);
            var replies = PassRepliesAsync(server.GetStream(), client.GetStream(), session);
            await PassRequestsAsync(client.GetStream(), server.GetStream(), session);
            if (session.AwaitsLostReply)
            {
                await replies;
            }

            if (session.IsFaulty)
            {
                Interlocked.Increment(ref _happened);
            }

            if (session.Hangs)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has gone; the other goes now.
        }
        finally
        {
            client.Close();
            server.Close();
        }
    }

    private async Task PassRequestsAsync(NetworkStream client, NetworkStream server, Session session)
    {
        if (!await PassStartAsync(client, server))
        {
            return;
        }

        var header = new byte[5];
        while (await client.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, _stop.Token) == header.Length)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
            await client.ReadExactlyAsync(body, _stop.Token);
            if (header[0] is (byte)'S' or (byte)'Q' or (byte)'c' or (byte)'H')
            {
                Interlocked.Increment(ref _roundTrips);
            }

            if (!IsPlace((char)header[0], body, session) || Interlocked.Decrement(ref _left) < 0)
            {
                await server.WriteAsync((byte[])[.. header, .. body], _stop.Token);
                continue;
            }

            session.Hangs = Fault is ProxyFault.HangAtCommit or ProxyFault.HangAfterCommit or ProxyFault.HangInCopy;
            session.AwaitsLostReply = Fault is ProxyFault.CutAfterCommit or ProxyFault.HangAfterCommit;
            session.IsFaulty = true;
            if (session.AwaitsLostReply)
            {
                await server.WriteAsync((byte[])[.. header, .. body], _stop.Token);
                await PassUntilSyncAsync((char)header[0], client, server);
            }

            return;
        }
    }

    /// <summary>COMMIT comes as several messages, of which Sync is the last.</summary>
    private async Task PassUntilSyncAsync(char type, NetworkStream client, NetworkStream server)
    {
        while (type != 'S')
        {
            var header = new byte[5];
            await client.ReadExactlyAsync(header, _stop.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
            await client.ReadExactlyAsync(body, _stop.Token);
            await server.WriteAsync((byte[])[.. header, .. body], _stop.Token);
            type = (char)header[0];
        }
    }

    /// <summary>The messages before the first one that has a type: offers of encryption are declined.</summary>
    private async Task<bool> PassStartAsync(NetworkStream client, NetworkStream server)
    {
        var start = new byte[8];
        while (await client.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, _stop.Token) == start.Length)
        {
            var code = BinaryPrimitives.ReadInt32BigEndian(start.AsSpan(4));
            if (code is SslRequest or GssEncryptionRequest)
            {
                await client.WriteAsync("N"u8.ToArray(), _stop.Token);
                continue;
            }

            var rest = new byte[BinaryPrimitives.ReadInt32BigEndian(start) - start.Length];
            await client.ReadExactlyAsync(rest, _stop.Token);
            await server.WriteAsync((byte[])[.. start, .. rest], _stop.Token);
            return code != CancelRequest;
        }

        return false;
    }

    /// <summary>True when a message binds COMMIT, or the name that it was prepared under.</summary>
    private static bool IsCommit(char type, byte[] body, Session session)
    {
        var texts = Encoding.ASCII.GetString(body).Split('\0');
        if (type == 'P' && texts[1].StartsWith("COMMIT", StringComparison.OrdinalIgnoreCase))
        {
            session.Commits.Add(texts[0]);
        }
        else if (type == 'P')
        {
            session.Commits.Remove(texts[0]);
        }

        return type == 'B' && session.Commits.Contains(texts[1]);
    }

    private bool IsPlace(char type, byte[] body, Session session) => Fault switch
    {
        ProxyFault.CutBeforeCommit or ProxyFault.CutAfterCommit or ProxyFault.HangAtCommit or ProxyFault.HangAfterCommit =>
            IsCommit(type, body, session),

        // The first piece of data is the header of the file; a later one is in the middle of the rows.
        ProxyFault.CutInCopy or ProxyFault.HangInCopy => type == 'd' && body.Length > 1000,
        _ => false,
    };

    private async Task PassRepliesAsync(NetworkStream server, NetworkStream client, Session session)
    {
        var buffer = new byte[16384];
        int count;
        while ((count = await server.ReadAsync(buffer, _stop.Token)) > 0)
        {
            if (session.AwaitsLostReply || session.Hangs)
            {
                return;
            }

            Pretend(buffer.AsSpan(0, count));
            await client.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }

        client.Close();
    }

    private void Pretend(Span<byte> reply)
    {
        var name = "server_version\0"u8;
        if (PretendedMajor is { } major && reply.IndexOf(name) is >= 0 and var at)
        {
            Encoding.ASCII.GetBytes(major, reply[(at + name.Length)..]);
        }
    }

    /// <summary>What has happened to one connection.</summary>
    private sealed class Session
    {
        public readonly HashSet<string> Commits = [];
        public volatile bool Hangs;
        public volatile bool AwaitsLostReply;
        public volatile bool IsFaulty;
    }
}
