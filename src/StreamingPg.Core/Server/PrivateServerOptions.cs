
namespace StreamingPg.Core.Server;

/// <summary>How a private server is started. A server that runs already is left as it is.</summary>
internal sealed record PrivateServerOptions
{
    /// <summary>Loopback port; null means the one used last time, or a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Settings of PostgreSQL for this start, by name; they replace those that StreamingPg chooses.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>True when server programs may be downloaded if none are found.</summary>
    public bool Download { get; init; }

    /// <summary>Is told how far a download is, or null.</summary>
    public IProgress<DownloadProgress>? DownloadProgress { get; init; }

    /// <summary>Is told, in a sentence, what the user should know though nothing failed; or null.</summary>
    public Action<string>? Say { get; init; }

    /// <summary>Where programs are found.</summary>
    internal ServerPrograms Programs { get; init; } = new();
}
