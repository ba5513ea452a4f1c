namespace StreamingPg.Core.Server;

/// <summary>A PostgreSQL server of the user's own: one cluster in one folder.</summary>
public sealed class PrivateServer
{
    /// <summary>A server whose cluster is, or will be, in <paramref name="path"/>.</summary>
    /// <param name="path">Folder; null means the user's data folder.</param>
    public PrivateServer(string? path = null) => Path = path ?? "";

    /// <summary>Folder of the cluster and its settings.</summary>
    public string Path { get; }

    /// <summary>Makes the cluster when there is none, starts the server when it does not run, and waits until it answers.</summary>
    public Task<StreamingServer> StartAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stops the server (fast shutdown) when it runs.</summary>
    public Task<StreamingServer> StopAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>State of the server as it is now.</summary>
    public StreamingServer GetStatus() => throw new NotImplementedException();
}
