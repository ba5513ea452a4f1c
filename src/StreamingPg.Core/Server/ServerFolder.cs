using StreamingPg.Core.Files;

namespace StreamingPg.Core.Server;

/// <summary>The folder of a private server: where each thing is, and how the folder is made.</summary>
internal sealed class ServerFolder(string path)
{
    /// <summary>Environment variable that names the folder when no path is given.</summary>
    public const string PathVariable = "STREAMINGPG_SERVER_PATH";

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Longest socket path that every Unix takes (macOS: 104 bytes with the closing NUL).</summary>
    private const int MaxSocketPathBytes = 103;

    /// <summary>Folder of everything.</summary>
    public string Path { get; } = path;

    /// <summary>The cluster.</summary>
    public string Data => Sub("data");

    /// <summary>Folder of the log; the server's account owns it.</summary>
    public string LogFolder => Sub("log");

    /// <summary>The server's log.</summary>
    public string LogFile => System.IO.Path.Combine(LogFolder, "server.log");

    /// <summary>The password, in the format of libpq's password file; only the owner of the folder can read it.</summary>
    public string PasswordFile => Sub("pgpass");

    /// <summary>What is remembered between sessions.</summary>
    public string RecordFile => Sub("server.json");

    /// <summary>Lock of start and stop.</summary>
    public string LockFile => Sub("server.lock");

    /// <summary>The cluster while it is being made; it is renamed when it is whole.</summary>
    public string Unfinished => Sub("data.new");

    /// <summary>The server of a newer version while <see cref="ServerUpgrader"/> fills it.</summary>
    public string Upgrade => Sub("upgrade");

    /// <summary>The filled and verified cluster of a newer version, until it takes the place of <see cref="Data"/>.</summary>
    public string UpgradedData => Sub("data.next");

    /// <summary>The cluster of the version before, after an upgrade.</summary>
    public string OldData => Sub("data.old");

    /// <summary>True when there is a whole cluster.</summary>
    /// <exception cref="StreamingException">The folder is closed to this user, so there may be one of another user.</exception>
    public bool HasCluster
    {
        get
        {
            try
            {
                return !File.GetAttributes(VersionFile).HasFlag(FileAttributes.Directory);
            }
            catch (IOException)
            {
                // No such file, or no path that there can be one at.
                return false;
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new StreamingException(
                    ErrorIds.ServerOfAnotherUser,
                    StreamingErrorKind.PermissionDenied,
                    $"{Path} belongs to another user.",
                    "Run the command as its owner, or choose another folder with -Path (--path).",
                    Path,
                    exception);
            }
        }
    }

    /// <summary>Major version of the cluster, or null when there is none.</summary>
    public int? Major =>
        HasCluster && int.TryParse(File.ReadAllText(VersionFile).Split('.')[0], out var major) ? major : null;

    private string VersionFile => System.IO.Path.Combine(Data, "PG_VERSION");

    /// <summary>
    /// The folder when no path is given: the one of the environment variable, otherwise in the user's data folder. The
    /// home of root is closed to the account that the server runs as, so root's server lives in /var/lib.
    /// </summary>
    /// <exception cref="StreamingException">This user has no data folder.</exception>
    public static string DefaultPath() => FindDefaultPath() ?? throw new StreamingException(
        ErrorIds.ServerFolderUnknown,
        StreamingErrorKind.NotConfigured,
        "This user has no data folder for a server.",
        $"Name a folder with -Path (--path), or set {PathVariable} or HOME.");

    /// <summary>The folder when no path is given, or null when this user has none.</summary>
    public static string? FindDefaultPath() =>
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? System.IO.Path.GetFullPath(named)
        : ServerAccount.IsRoot ? "/var/lib/streamingpg"
        : UserFolder.Of("server");

    /// <summary>Makes the folder when it is missing and checks that it can be used.</summary>
    /// <exception cref="StreamingException">It is not writable, or holds something that is not ours.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(Path);
            if (!HasCluster)
            {
                RefuseForeignContent();
                if (!OperatingSystem.IsWindows())
                {
                    // Others get no list of it; the server's account must be able to pass through when it is not the owner.
                    File.SetUnixFileMode(Path, Owner | (ServerAccount.IsRoot ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0));
                }
            }

            using var probe = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException or PathTooLongException)
        {
            throw NotWritable(exception);
        }
        catch (IOException exception) when (!File.Exists(LockFile))
        {
            throw NotWritable(exception);
        }
        catch (IOException)
        {
            // Another session holds the lock: the folder is usable, and the lock is waited for later.
        }
    }

    /// <summary>Ends an upgrade whose session was killed when the old data were moved away and the new ones were not in their place yet.</summary>
    public void FinishUpgrade()
    {
        if (!Directory.Exists(Data) && Directory.Exists(UpgradedData))
        {
            Directory.Move(UpgradedData, Data);
        }
    }

    /// <summary>A folder for the server's account, made when it is missing.</summary>
    public static async Task MakeOwnedAsync(string folder, ServerAccount account, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, Owner);
        }

        await account.OwnAsync(folder, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The socket's folder: below the server's when its path is short enough for a socket, otherwise a private one among
    /// the temporary files. Null on Windows, where only the port is used.
    /// </summary>
    /// <param name="recorded">The folder used last, or null.</param>
    /// <param name="account">Account of the server.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string?> MakeSocketFolderAsync(string? recorded, ServerAccount account, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var folder = Sub("run");
        if (System.Text.Encoding.UTF8.GetByteCount(System.IO.Path.Combine(folder, ".s.PGSQL.65535.lock")) > MaxSocketPathBytes)
        {
            if (recorded is not null && Directory.Exists(recorded))
            {
                return recorded;
            }

            // A fresh name: nobody else can have laid a folder of that name in wait.
            folder = Directory.CreateTempSubdirectory("streamingpg-").FullName;
        }

        await MakeOwnedAsync(folder, account, cancellationToken).ConfigureAwait(false);
        return folder;
    }

    /// <summary>Deletes everything that belongs to the server.</summary>
    /// <param name="socketDirectory">Folder of the socket, which may be elsewhere; or null.</param>
    /// <exception cref="StreamingException">The folder holds something that is not ours; nothing was deleted.</exception>
    public void Delete(string? socketDirectory)
    {
        RefuseForeignContent(Data);
        Directory.Delete(Path, recursive: true);
        if (socketDirectory is not null && Directory.Exists(socketDirectory))
        {
            Directory.Delete(socketDirectory, recursive: true);
        }
    }

    private string Sub(string name) => System.IO.Path.Combine(Path, name);

    private void RefuseForeignContent(params string[] alsoOurs)
    {
        string[] ours = [.. alsoOurs, Unfinished, Upgrade, UpgradedData, OldData, LogFolder, PasswordFile, RecordFile, LockFile, Sub("run")];
        var foreign = Directory.EnumerateFileSystemEntries(Path).FirstOrDefault(entry => !ours.Contains(entry, StringComparer.Ordinal));
        if (foreign is not null)
        {
            throw new StreamingException(
                ErrorIds.ServerFolderNotEmpty,
                StreamingErrorKind.InvalidInput,
                $"{Path} is not the folder of a private server: it contains {System.IO.Path.GetFileName(foreign)}.",
                "Choose an empty folder or one that does not exist.",
                Path);
        }
    }

    private StreamingException NotWritable(Exception cause) => UserFile.Error(
        ErrorIds.ServerFolderNotWritable,
        StreamingErrorKind.PermissionDenied,
        $"The server folder {Path} cannot be written",
        "Choose another folder with -Path (--path), or take ownership of this one.",
        Path,
        cause);
}

/// <summary>
/// The password of a private server, kept in the format of libpq's password file, so that psql and others can use it
/// too (<c>PGPASSFILE</c>).
/// </summary>
internal static class PasswordFile
{
    /// <summary>Writes a file that only its owner can read.</summary>
    public static void Write(string file, string userName, string password) =>
        WritePrivate(file, $"*:*:*:{userName}:{password}\n");

    /// <summary>Reads the password; null when the file is missing or not one of ours.</summary>
    public static string? Read(string file) =>
        File.Exists(file) && File.ReadAllText(file).Trim().Split(':') is [_, _, _, _, var password] ? password : null;

    /// <summary>Writes text into a new file that only its owner can read from the start.</summary>
    public static void WritePrivate(string file, string text)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}

/// <summary>Keeps two sessions from doing the same in one folder at the same time: starting or stopping its server, downloading its programs.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the lock is free and takes it; disposing gives it back, and so does the end of the process.</summary>
    /// <param name="file">The lock's file.</param>
    /// <param name="activity">What is done meanwhile, such as <c>starting the server</c>; another session's wait names it.</param>
    /// <param name="clock">Measures the wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="StreamingException">Another session holds it for minutes.</exception>
    public static async Task<IDisposable> TakeAsync(string file, string activity, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
            {
                if (clock.GetElapsedTime(started) > Patience)
                {
                    throw new StreamingException(
                        ErrorIds.ServerBusy,
                        StreamingErrorKind.Timeout,
                        $"Another process is still {activity} in {Path.GetDirectoryName(file)}.",
                        "Wait until it ends, or stop it.",
                        file,
                        exception);
                }
            }

            await Task.Delay(Interval, clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
