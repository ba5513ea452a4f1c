using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Server;

/// <summary>A folder with PostgreSQL's server programs.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Version">Version such as <c>15.14</c>.</param>
internal sealed partial record ServerBinaries(string Folder, string Version)
{
    /// <summary>Environment variable that names the folder to use, and no other.</summary>
    public const string FolderVariable = "STREAMINGPG_SERVER_PROGRAMS";

    private static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    /// <summary>Major version; a cluster can only be run by programs of its own.</summary>
    public int Major => int.Parse(MajorPattern().Match(Version).Value, CultureInfo.InvariantCulture);

    /// <summary>Full path of <c>initdb</c>.</summary>
    public string InitDb => Path.Combine(Folder, SearchPath.FileName("initdb"));

    /// <summary>Full path of <c>pg_ctl</c>.</summary>
    public string PgCtl => Path.Combine(Folder, SearchPath.FileName("pg_ctl"));

    /// <summary>Full path of <c>postgres</c>.</summary>
    public string Postgres => Path.Combine(Folder, SearchPath.FileName("postgres"));

    /// <summary>
    /// Finds the programs: in the folder that STREAMINGPG_SERVER_PROGRAMS names, else on the PATH, by <c>pg_config</c>, in the
    /// usual folders, newest first, then among those that were downloaded. A new cluster is made by the named programs and no others;
    /// one that other programs made is run by installed ones of its version.
    /// </summary>
    /// <param name="major">Major version that is needed, or null for any that is supported.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="StreamingException">They are not installed; the message names what to install.</exception>
    public static Task<ServerBinaries> FindAsync(int? major, CancellationToken cancellationToken) =>
        new ServerPrograms().FindAsync(major, cancellationToken);

    /// <summary>All programs of this machine that it can run, in the order in which they are to be used.</summary>
    /// <param name="cancellationToken">Cancels the search.</param>
    public static async IAsyncEnumerable<ServerBinaries> InstalledAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var folder in FoldersAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await ReadAsync(folder, cancellationToken).ConfigureAwait(false) is { } binaries)
            {
                yield return binaries;
            }
        }
    }

    /// <summary>The programs of the folder that the user named: another one would not be what he asked for.</summary>
    public static async Task<ServerBinaries> ReadNamedAsync(string folder, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(folder);
        var binaries = HasPrograms(full) ? await ReadAsync(full, cancellationToken).ConfigureAwait(false) : null;
        if (binaries is { Major: >= SupportedVersions.Oldest })
        {
            return binaries;
        }

        var problem = binaries is null
            ? $"{FolderVariable} names {full}, which does not contain PostgreSQL's server programs (initdb, pg_ctl, postgres) for this machine."
            : $"{FolderVariable} names {full}, which contains PostgreSQL {binaries.Version}; {SupportedVersions.Text} is required.";
        throw new StreamingException(
            ErrorIds.ServerNotInstalled,
            StreamingErrorKind.NotInstalled,
            problem,
            $"Set it to the folder of these programs, or remove {FolderVariable} to use installed ones.",
            full);
    }

    /// <summary>True for programs of that major version, or, without one, of a supported version.</summary>
    public bool Fits(int? major) => major is null ? Major >= SupportedVersions.Oldest : Major == major;

    private static async IAsyncEnumerable<string> FoldersAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in SearchPath.Folders.Where(folder => HasPrograms(folder) && seen.Add(folder)))
        {
            yield return folder;
        }

        if (SearchPath.Find("pg_config") is { } pgConfig)
        {
            var result = await ProgramRunner.RunAsync(pgConfig, ["--bindir"], cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0 && HasPrograms(result.Output) && seen.Add(result.Output))
            {
                yield return result.Output;
            }
        }

        foreach (var folder in UsualFolders().Where(folder => HasPrograms(folder) && seen.Add(folder)))
        {
            yield return folder;
        }
    }

    /// <summary>Where the packages of each system put PostgreSQL, newest first.</summary>
    internal static IEnumerable<string> UsualFolders() =>
        OperatingSystem.IsWindows()
            ? Versioned(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin")
            :
            [
                .. Versioned("/usr/lib/postgresql", "*", "bin"), // Debian, Ubuntu
                .. Versioned("/usr", "pgsql-*", "bin"), // Red Hat, packages of postgresql.org
                .. Versioned("/usr/libexec", "postgresql*", ""), // Alpine
                .. Versioned("/opt/homebrew/opt", "postgresql*", "bin"), // Homebrew on Apple silicon
                .. Versioned("/usr/local/opt", "postgresql*", "bin"), // Homebrew on Intel
                .. Versioned("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
                "/opt/homebrew/opt/libpq/bin", "/usr/local/opt/libpq/bin", // Homebrew's client programs
                "/usr/local/pgsql/bin", // built from source
            ];

    private static IEnumerable<string> Versioned(string parent, string pattern, string below) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern)
                .OrderByDescending(folder => double.TryParse(
                    VersionPattern().Match(Path.GetFileName(folder)).Value, CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, below))
            : [];

    /// <summary>True when the folder has all programs that a server needs.</summary>
    public static bool HasPrograms(string folder) =>
        Programs.All(program => File.Exists(Path.Combine(folder, SearchPath.FileName(program))));

    /// <summary>The programs of a folder; null when this machine cannot run them.</summary>
    public static async Task<ServerBinaries?> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            var postgres = Path.Combine(folder, SearchPath.FileName("postgres"));
            var result = await ProgramRunner.RunAsync(postgres, ["--version"], cancellationToken).ConfigureAwait(false);
            var version = VersionPattern().Match(result.Output);
            return result.ExitCode == 0 && version.Success ? new ServerBinaries(folder, version.Value) : null;
        }
        catch (Win32Exception)
        {
            // Not a program that this machine can run (another architecture, no right to): look further.
            return null;
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^\d+")]
    private static partial Regex MajorPattern();
}
