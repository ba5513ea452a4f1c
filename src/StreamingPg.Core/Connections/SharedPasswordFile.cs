using Npgsql;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Connections;

/// <summary>
/// Password files that group or others may use: as libpq does, such a file is not read. The driver reads any.
/// Source: "The Password File" in the documentation of libpq.
/// </summary>
internal static class SharedPasswordFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // An empty password file is what makes the driver look for none.
    private const string Nothing = "/dev/null";

    /// <summary>Keeps the driver from a password file that is not the user's alone.</summary>
    /// <returns>Path of the file that will not be read, or null.</returns>
    public static string? Exclude(NpgsqlConnectionStringBuilder settings)
    {
        if (OperatingSystem.IsWindows()
            || settings.Password is { Length: > 0 }
            || Environment.GetEnvironmentVariable("PGPASSWORD") is { Length: > 0 })
        {
            return null;
        }

        var file = settings.Passfile ?? Environment.GetEnvironmentVariable("PGPASSFILE") ?? DefaultFile();
        if (!IsShared(file))
        {
            return null;
        }

        settings.Passfile = Nothing;
        return file;
    }

    private static bool IsShared(string file)
    {
        try
        {
            return !OperatingSystem.IsWindows()
                && File.Exists(file)
                && !UserFile.IsDevice(file)
                && (File.GetUnixFileMode(file) & Others) != UnixFileMode.None;
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            return false; // then the driver cannot read it either, and says so
        }
    }

    private static string DefaultFile() =>
        Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass");
}
