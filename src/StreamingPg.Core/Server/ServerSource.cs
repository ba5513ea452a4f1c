namespace StreamingPg.Core.Server;

/// <summary>Where server programs are downloaded from: the npm registry, or a mirror of it.</summary>
internal sealed record ServerSource
{
    /// <summary>Environment variable that names a mirror.</summary>
    public const string Variable = "STREAMINGPG_DOWNLOAD_URL";

    private const string Registry = "https://npm.example.com";

    /// <summary>Address that the archives are below.</summary>
    public required Uri Address { get; init; }

    /// <summary>A source that is silent for this long counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause before a transfer goes on.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The source that the environment names, else the registry.</summary>
    /// <exception cref="StreamingException">The variable holds no address.</exception>
    public static ServerSource OfEnvironment()
    {
        var text = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Registry;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? new ServerSource { Address = address }
            : throw new StreamingException(
                "InvalidDownloadUrl",
                StreamingErrorKind.InvalidInput,
                $"{Variable} is not the address of a mirror: \"{text}\".",
                "It is an address such as https://npm.example.com/repository/npm.",
                text);
    }

    /// <summary>Address of an archive.</summary>
    public Uri AddressOf(ServerArchive archive) => new(Address.AbsoluteUri.TrimEnd('/') + "/" + archive.Path);
}
