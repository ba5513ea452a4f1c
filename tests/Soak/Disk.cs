using StreamingPg.Core.Server;

namespace StreamingPg.Soak;

/// <summary>A small disk in memory that can be filled up. Only root may mount one; for anybody else it is an ordinary folder that never fills.</summary>
internal sealed class Disk
{
    private const string FillScript =
        """
        fallocate -l "$(df --output=avail -B1 "$0" | tail -n 1)" "$0/filler" 2>/dev/null
        cat /dev/zero >"$0/rest" 2>/dev/null
        true
        """;

    private Disk(string path, bool canFill)
    {
        Path = path;
        CanFill = canFill;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>False for an ordinary folder.</summary>
    public bool CanFill { get; }

    /// <summary>Makes a disk.</summary>
    /// <param name="path">Where; the folder is made.</param>
    /// <param name="megabytes">Its size.</param>
    public static async Task<Disk> CreateAsync(string path, int megabytes)
    {
        Directory.CreateDirectory(path);
        var canFill = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && (await ProgramRunner.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", path], CancellationToken.None)).ExitCode == 0;
        return new Disk(path, canFill);
    }

    /// <summary>Leaves no byte free.</summary>
    public Task FillAsync() => ProgramRunner.RunAsync("/bin/sh", ["-c", FillScript, Path], CancellationToken.None);

    /// <summary>Gives the space back.</summary>
    public void Free()
    {
        File.Delete(System.IO.Path.Combine(Path, "filler"));
        File.Delete(System.IO.Path.Combine(Path, "rest"));
    }

    /// <summary>Takes the disk away, with all that is on it.</summary>
    public async Task RemoveAsync()
    {
        if (CanFill)
        {
            await ProgramRunner.RunAsync("umount", ["--lazy", Path], CancellationToken.None);
        }
    }
}
