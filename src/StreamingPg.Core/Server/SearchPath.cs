namespace StreamingPg.Core.Server;

/// <summary>Programs on the PATH.</summary>
internal static class SearchPath
{
    /// <summary>Folders of the PATH variable, in order.</summary>
    public static IEnumerable<string> Folders =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>File name of a program on this system.</summary>
    public static string FileName(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    /// <summary>Full path of a program, or null when it is not there. A root user's sbin folders are searched even when PATH lacks them.</summary>
    public static string? Find(string program)
    {
        IEnumerable<string> folders = OperatingSystem.IsWindows() ? Folders : Folders.Concat(["/usr/sbin", "/sbin"]);
        return folders.Select(folder => Path.Combine(folder, FileName(program))).FirstOrDefault(File.Exists);
    }
}
