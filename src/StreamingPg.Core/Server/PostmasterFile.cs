using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace StreamingPg.Core.Server;

/// <summary>What a running server writes into <c>postmaster.pid</c> in its data folder.</summary>
/// <param name="ProcessId">Process id of the server.</param>
/// <param name="Folder">Data folder, as the server knows it.</param>
/// <param name="Started">When the server started, to the second.</param>
/// <param name="Port">Port it listens on.</param>
/// <param name="SocketDirectory">Folder of its socket, or null.</param>
/// <param name="IsReady">True once it takes connections.</param>
internal sealed record PostmasterFile(int ProcessId, string Folder, DateTimeOffset Started, int Port, string? SocketDirectory, bool IsReady)
{
    /// <summary>Name of the file, in the data folder.</summary>
    public const string FileName = "postmaster.pid";

    /// <summary>The file's time is taken a moment after the process began.</summary>
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(10);

    /// <summary>Reads the file; null when there is none or it is still being written.</summary>
    public static PostmasterFile? Read(string dataFolder)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(dataFolder, FileName));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // Closed to this user means: not his server.
            return null;
        }

        // Lines: process id, data folder, start time, port, socket folder, address, shared memory key, status.
        return lines.Length >= 5
            && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var processId)
            && long.TryParse(lines[2], CultureInfo.InvariantCulture, out var started)
            && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port)
            ? new PostmasterFile(
                processId,
                lines[1],
                DateTimeOffset.FromUnixTimeSeconds(started),
                port,
                lines[4].Length == 0 ? null : lines[4],
                lines.Length >= 8 && lines[7].Trim() is "ready" or "standby")
            : null;
    }

    /// <summary>
    /// True when the process lives and is the server of this file. The file of a crashed server may name any other process, another
    /// PostgreSQL among them.
    /// </summary>
    public bool ProcessLives()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);

            // An ended process that nobody reaped (a container without an init) still has a name, but no memory.
            return process.ProcessName.StartsWith("post", StringComparison.Ordinal) && process.WorkingSet64 > 0 && WroteThisFile(process);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A server works in its data folder, so on Linux its own file is seen there; elsewhere its start time tells.</summary>
    private bool WroteThisFile(Process process)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                if (Directory.Exists($"/proc/{ProcessId}/cwd/"))
                {
                    return Read($"/proc/{ProcessId}/cwd") is { } own && (own.ProcessId, own.Folder, own.Started) == (ProcessId, Folder, Started);
                }

                // Not to be looked into, as root in a container may find: the folder stands on the command line.
                if (File.ReadAllText($"/proc/{ProcessId}/cmdline").Split('\0').Contains(Folder, StringComparer.Ordinal))
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // It ended while it was looked at.
                return false;
            }
            catch (UnauthorizedAccessException)
            {
                // Nothing of it is shown to this user but its times.
            }
        }

        try
        {
            return (process.StartTime.ToUniversalTime() - Started.UtcDateTime).Duration() <= StartTolerance;
        }
        catch (Win32Exception)
        {
            // Closed to this user: what is left is the name.
            return true;
        }
    }
}
