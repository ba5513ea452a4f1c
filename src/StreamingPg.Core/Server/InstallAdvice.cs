namespace StreamingPg.Core.Server;

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

    private static string Suffix(string separator, int? major) => major is null ? "" : $"{separator}{major}";
}
