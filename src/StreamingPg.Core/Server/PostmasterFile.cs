using System.Diagnostics;
using System.Globalization;

namespace StreamingPg.Core.Server;

/// <summary>What a running server writes into <c>postmaster.pid</c> in its data folder.</summary>
/// <param name="ProcessId">Process id of the server.</param>
/// <param name="Port">Port it listens on.</param>
/// <param name="SocketDirectory">Folder of its socket, or null.</param>
/// <param name="IsReady">True once it takes connections.</param>
internal sealed record PostmasterFile(int ProcessId, int Port, string? SocketDirectory, bool IsReady)
{
    /// <summary>Reads the file; null when there is none or it is still being written.</summary>
    public static PostmasterFile? Read(string dataFolder)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(dataFolder, "postmaster.pid"));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // Closed to this user means: not his server.
            return null;
        }

        // Lines: process id, data folder, start time, port, socket folder, address, shared memory key, status.
        return lines.Length >= 5
            && int.TryParse(lines[0], CultureInfo.InvariantCulture, out var processId)
            && int.TryParse(lines[3], CultureInfo.InvariantCulture, out var port)
            ? new PostmasterFile(
                processId,
                port,
                lines[4].Length == 0 ? null : lines[4],
                lines.Length >= 8 && lines[7].Trim() is "ready" or "standby")
            : null;
    }

    /// <summary>True when the process lives and is a PostgreSQL server; the file of a crashed server may name a stranger's process.</summary>
    public bool ProcessLives()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);

            // An ended process that nobody reaped (a container without an init) still has a name, but no memory.
            return process.ProcessName.StartsWith("post", StringComparison.Ordinal) && process.WorkingSet64 > 0;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
