using System.Diagnostics;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A test that mounts a disk. Where that is not allowed it is counted as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> MayMount = new(TryMount);

    public MountFactAttribute()
    {
        if (!MayMount.Value)
        {
            Skip = "This account may not mount a disk (root may, outside of most containers).";
        }
    }

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
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
