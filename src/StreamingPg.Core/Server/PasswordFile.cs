namespace StreamingPg.Core.Server;

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
