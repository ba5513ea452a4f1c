using System.Diagnostics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Health;

/// <summary>Free room on the disk of the data folder, when the server runs on this machine.</summary>
internal static class FreeDiskHealth
{
    private const string Sql = "SELECT pg_backend_pid(), current_setting('data_directory')";

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        var (process, folder) = (await session.QueryAsync(
            Sql, row => (row.GetInt32(0), row.GetString(1)), probe.CancellationToken).ConfigureAwait(false))[0];
        if (!IsOfThisMachine(process) || !Directory.Exists(folder))
        {
            return [probe.Without(HealthCheck.FreeDisk, folder, HealthStatus.Unknown, "The server runs on another machine or in a container: look at its disk there.")];
        }

        var disk = new DriveInfo(folder);
        return
        [
            probe.Result(
                HealthCheck.FreeDisk,
                folder,
                (double)disk.AvailableFreeSpace / disk.TotalSize,
                $"{DisplayText.Bytes(disk.AvailableFreeSpace)} of {DisplayText.Bytes(disk.TotalSize)} are free. Make room, or remove old rows."),
        ];
    }

    /// <summary>True when the process that serves this session is one of this machine's, and a PostgreSQL one.</summary>
    private static bool IsOfThisMachine(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return false; // There is no such process, or it has ended.
        }
    }
}
