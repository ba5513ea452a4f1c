using System.Net;
using System.Net.Sockets;

namespace StreamingPg.Core.Server;

/// <summary>Chooses the port that a private server listens on.</summary>
internal static class LoopbackPort
{
    /// <summary>The wanted port; without one, the one used last if it is free; otherwise any free one.</summary>
    /// <exception cref="StreamingException">The wanted port is taken.</exception>
    public static int Choose(int? wanted, int? last)
    {
        if (wanted is { } port)
        {
            return IsFree(port) ? port : throw new StreamingException(
                "ServerPortTaken",
                StreamingErrorKind.ResourceExhausted,
                $"Port {port} of 127.0.0.1 is used by another program.",
                "Choose another port, or omit it to get a free one.",
                port);
        }

        return last is { } used && IsFree(used) ? used : FreePort();
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
