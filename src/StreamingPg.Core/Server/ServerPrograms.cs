using System.Runtime.CompilerServices;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Server;

/// <summary>Finds PostgreSQL's server programs, and downloads them where that is wanted.</summary>
internal sealed record ServerPrograms
{
    /// <summary>False when only downloaded programs count, as if none were installed.</summary>
    public bool SearchesSystem { get; init; } = true;

    /// <summary>Folder of downloaded programs; null when the user has no data folder.</summary>
    public string? Folder { get; init; } = ServerDownload.DefaultFolder;

    /// <summary>Where downloads come from; null means the one that the environment names.</summary>
    public ServerSource? Source { get; init; }

    /// <summary>The archive to download; null means the one for this machine.</summary>
    public ServerArchive? Archive { get; init; }

    /// <summary>Finds programs.</summary>
    /// <param name="major">Major version that is needed, or null for any that is supported.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="StreamingException">They are not there; the message says how to get them.</exception>
    public async Task<ServerBinaries> FindAsync(int? major, CancellationToken cancellationToken)
    {
        var others = new List<ServerBinaries>();
        if (Named() is { } folder)
        {
            var named = await ServerBinaries.ReadNamedAsync(folder, cancellationToken).ConfigureAwait(false);
            if (major is null || named.Major == major)
            {
                return named;
            }

            others.Add(named);
        }

        await foreach (var binaries in AllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (binaries.Fits(major))
            {
                return binaries;
            }

            others.Add(binaries);
        }

        throw NotInstalled(major, others);
    }

    /// <summary>Finds the newest programs; where the user named a folder, those in it.</summary>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="StreamingException">There are none.</exception>
    public async Task<ServerBinaries> FindNewestAsync(CancellationToken cancellationToken)
    {
        if (Named() is { } folder)
        {
            return await ServerBinaries.ReadNamedAsync(folder, cancellationToken).ConfigureAwait(false);
        }

        ServerBinaries? newest = null;
        await foreach (var binaries in AllAsync(cancellationToken).ConfigureAwait(false))
        {
            newest = newest is null || binaries.Major > newest.Major ? binaries : newest;
        }

        return newest ?? throw NotInstalled(null, []);
    }

    /// <summary>Finds programs, and downloads them when there are none.</summary>
    /// <param name="major">Major version that is needed, or null for any that is supported.</param>
    /// <param name="options">Whether they may be downloaded, and who is told of it.</param>
    /// <param name="cancellationToken">Cancels; the next download goes on where this one ended.</param>
    /// <exception cref="StreamingException">They are not there and may not, or cannot, be downloaded.</exception>
    public async Task<ServerBinaries> FindOrDownloadAsync(int? major, PrivateServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(major, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException missing) when (options.Download && missing.ErrorId == ErrorIds.ServerNotInstalled && Named() is null)
        {
            var archive = Archive ?? ServerArchive.Choose(major);
            var source = Source ?? ServerSource.OfEnvironment();
            var folder = Folder ?? throw new StreamingException(
                ErrorIds.ServerFolderUnknown,
                StreamingErrorKind.NotConfigured,
                "This user has no data folder for server programs.",
                $"Set HOME, or install PostgreSQL. {InstallAdvice.ForThisSystem(major)}");
            options.Say?.Invoke($"Downloading {archive.Name} from {source.Address} to {folder}, once.");
            var bin = await new ServerDownload(folder, source).FetchAsync(archive, options.DownloadProgress, cancellationToken).ConfigureAwait(false);
            return await ServerBinaries.ReadAsync(bin, cancellationToken).ConfigureAwait(false) ?? throw new StreamingException(
                ErrorIds.ServerDownloadUnusable,
                StreamingErrorKind.NotInstalled,
                $"{archive.Name} was downloaded to {bin}, but does not run on this machine{Cause()}.",
                InstallAdvice.ForThisSystem(major),
                bin);
        }
    }

    /// <summary>The folder that the user named: no other is used, and nothing is downloaded in its place.</summary>
    private string? Named() =>
        SearchesSystem && Environment.GetEnvironmentVariable(ServerBinaries.FolderVariable) is { Length: > 0 } named ? named : null;

    private async IAsyncEnumerable<ServerBinaries> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (SearchesSystem)
        {
            await foreach (var binaries in ServerBinaries.InstalledAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return binaries;
            }
        }

        foreach (var folder in Folder is null ? [] : ServerDownload.Downloaded(Folder, Archive))
        {
            if (await ServerBinaries.ReadAsync(folder, cancellationToken).ConfigureAwait(false) is { } binaries)
            {
                yield return binaries;
            }
        }
    }

    private static string Cause() =>
        OperatingSystem.IsWindows() ? " (is the Visual C++ runtime missing? winget install Microsoft.VCRedist.2015+.x64)" : "";

    private static StreamingException NotInstalled(int? major, List<ServerBinaries> others)
    {
        var advice = $"{InstallAdvice.ForThisSystem(major).TrimEnd('.')}; or let StreamingPg download them: "
            + "Start-StreamingServer -Download (streamingpg server start --download).";
        var found = others.Count == 0 ? "." : $" (found: {string.Join(", ", others.Select(binaries => $"{binaries.Version} in {binaries.Folder}"))}).";
        var problem = major is null
            ? $"The server programs (initdb, pg_ctl, postgres) of {SupportedVersions.Text} were not found"
            : $"The cluster was created by PostgreSQL {major}, but the server programs of that version were not found";
        var newer = major is null ? null : others.Find(binaries => binaries.Major > major);
        return new StreamingException(
            ErrorIds.ServerNotInstalled,
            StreamingErrorKind.NotInstalled,
            problem + found,
            newer is null ? advice : $"{advice} Then Update-StreamingServer (streamingpg server upgrade) moves it to PostgreSQL {newer.Major}.");
    }
}

/// <summary>What to install to get PostgreSQL's server programs.</summary>
internal static class InstallAdvice
{
    /// <summary>Advice for the system this runs on.</summary>
    /// <param name="major">Major version that is needed, or null for any.</param>
    public static string ForThisSystem(int? major)
    {
        if (OperatingSystem.IsWindows())
        {
            return $"Install it with: winget install PostgreSQL.PostgreSQL.{major ?? 17}";
        }

        if (OperatingSystem.IsMacOS())
        {
            return $"Install it with: brew install postgresql@{major ?? 17}";
        }

        return ForLinux(File.Exists("/etc/os-release") ? File.ReadAllText("/etc/os-release") : "", major);
    }

    /// <summary>Advice for a Linux system, from the text of its <c>/etc/os-release</c>.</summary>
    public static string ForLinux(string osRelease, int? major)
    {
        var families = osRelease.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2 && pair[0] is "ID" or "ID_LIKE")
            .SelectMany(pair => pair[1].Trim().Trim('"', '\'').Split(' '))
            .ToHashSet(StringComparer.Ordinal);
        var command = true switch
        {
            _ when families.Overlaps(["debian", "ubuntu"]) => $"sudo apt-get install postgresql{Suffix("-", major)}",
            _ when families.Overlaps(["fedora", "rhel", "centos", "amzn"]) => $"sudo dnf install {(major is null ? "postgresql-server" : $"postgresql{major}-server")}",
            _ when families.Overlaps(["suse", "opensuse"]) => $"sudo zypper install postgresql{Suffix("", major)}-server",
            _ when families.Contains("alpine") => $"apk add postgresql{Suffix("", major)}",
            _ when families.Contains("arch") => "sudo pacman -S postgresql",
            _ => null,
        };
        return command is null
            ? "Install PostgreSQL's server package, or add the folder of its programs to the PATH."
            : $"Install it with: {command}";
    }

    /// <summary>Advice to get the programs that dump and restore.</summary>
    /// <param name="major">Major version that is needed.</param>
    public static string ForClients(int major) => ForThisSystem(major)
        .Replace($"postgresql-{major}", $"postgresql-client-{major}", StringComparison.Ordinal)
        .Replace("-server", "", StringComparison.Ordinal) + ".";

    private static string Suffix(string separator, int? major) => major is null ? "" : $"{separator}{major}";
}
