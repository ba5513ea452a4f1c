using System.Diagnostics;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Disks that tests mount. Where that is not allowed such a test is counted as skipped, with the reason.</summary>
internal static class Mount
{
    private static readonly Lazy<bool> IsAllowed = new(TryMount);

    /// <summary>What a test that mounts begins with.</summary>
    public static void SkipWhereForbidden() =>
        Assert.SkipUnless(IsAllowed.Value, "This account may not mount a disk (root may, outside of most containers).");

    private static bool TryMount()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return false;
        }

        var folder = Directory.CreateTempSubdirectory("streamingpg-disk-").FullName;
        var mounted = Run("mount", "-t", "tmpfs", "tmpfs", folder);
        if (mounted)
        {
            Run("umount", folder);
        }

        Directory.Delete(folder);
        return mounted;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        return process.WaitForExit(TestProcess.Patience) && process.ExitCode == 0;
    }
}
