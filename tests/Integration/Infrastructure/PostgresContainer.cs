using System.Net;
using System.Net.Sockets;
using DotNet.Testcontainers.Builders;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Testcontainers.PostgreSql;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>PostgreSQL in a container, by Testcontainers.</summary>
internal static class PostgresContainer
{
    /// <summary>Variable that names the image.</summary>
    public const string ImageVariable = "STREAMINGPG_TEST_IMAGE";

    /// <summary>Starts a container and waits until it answers. It keeps its port when it is restarted.</summary>
    /// <exception cref="DockerUnavailableException">No container engine answers.</exception>
    public static async Task<PostgreSqlContainer> StartAsync(string image)
    {
        var container = new PostgreSqlBuilder(image)
            .WithUsername("streaming")
            .WithDatabase("streaming_db")
            .WithPassword(Guid.NewGuid().ToString("N"))
            .WithPortBinding(FreePort(), PostgreSqlBuilder.PostgreSqlPort)
            // Of the builder's own settings this one loses what was committed when a container is stopped hard.
            .WithCommand("-c", "synchronous_commit=on")
            .WithLogger(NullLogger.Instance)
            .Build();
        await container.StartAsync();
        return container;
    }

    /// <summary>A loopback port that nobody uses now.</summary>
    public static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    /// <summary>Where a server listens over TCP, which a private one does beside its socket.</summary>
    public static string TcpHost(NpgsqlConnectionStringBuilder server) => server.Host!.StartsWith('/') ? "127.0.0.1" : server.Host;
}
