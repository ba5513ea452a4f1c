namespace StreamingPg.Core.Server;

/// <summary>How a private server is started. A server that runs already is left as it is.</summary>
public sealed record PrivateServerOptions
{
    /// <summary>Loopback port; null means the one used last time, or a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Settings of PostgreSQL for this start, by name; they replace those that StreamingPg chooses.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
