using System.Security.Cryptography;
using System.Text;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Server;

/// <summary>
/// The folders of the user's servers, so that one with a path of its own is found again: one small file for each, since sessions
/// write at the same time. A folder that is gone is forgotten.
/// </summary>
internal static class ServerRegistry
{
    private static string? Folder => UserFolder.Of("servers");

    /// <summary>Remembers a server.</summary>
    public static void Remember(string path)
    {
        if (Folder is not { } folder)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(FileOf(folder, path), path);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            // A home that cannot be written, as in a container, is no reason not to have a server elsewhere; on Linux it is found by its process.
        }
    }

    /// <summary>Forgets a server.</summary>
    public static void Forget(string path)
    {
        try
        {
            if (Folder is { } folder)
            {
                File.Delete(FileOf(folder, path));
            }
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            // What cannot be forgotten now is when it is looked at next: there is no server in its folder.
        }
    }

    /// <summary>Folders of all servers: those that are remembered, and those that run.</summary>
    public static IReadOnlyList<string> All() =>
        [.. Remembered().Concat(Running()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Remembered() =>
        Folder is { } folder && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Select(ReadEntry).OfType<string>()
            : [];

    private static string? ReadEntry(string file)
    {
        try
        {
            return File.ReadAllText(file) is { Length: > 0 } path ? path : null;
        }
        catch (IOException)
        {
            // Another session forgot or writes it at this moment.
            return null;
        }
    }

    /// <summary>On Linux everybody may see how a server was started; ours are told by the file beside their data.</summary>
    private static IEnumerable<string> Running()
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break;
        }

        foreach (var process in Directory.EnumerateDirectories("/proc").Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            if (DataFolderOf(process) is { } data
                && Path.GetDirectoryName(data) is { } folder
                && File.Exists(new ServerFolder(folder).RecordFile))
            {
                yield return folder;
            }
        }
    }

    private static string? DataFolderOf(string process)
    {
        try
        {
            var words = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            var option = Array.IndexOf(words, "-D");
            return Path.GetFileName(words[0]) == "postgres" && option > 0 && option + 1 < words.Length ? words[option + 1] : null;
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            // It ended meanwhile, or is nobody's business.
            return null;
        }
    }

    private static string FileOf(string folder, string path) =>
        Path.Combine(folder, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);
}

/// <summary>
/// Where StreamingPg keeps what belongs to a user: in his data folder. The home of root is closed to the account that the server
/// runs as, so what belongs to root lives in /var/lib.
/// </summary>
internal static class UserFolder
{
    /// <summary>Path of one of the folders, such as <c>programs</c>; null when this user has no data folder.</summary>
    public static string? Of(string name)
    {
        if (ServerAccount.IsRoot)
        {
            return $"/var/lib/streamingpg-{name}";
        }

        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0 ? Path.Combine(data, "StreamingPg", name) : null;
    }
}
