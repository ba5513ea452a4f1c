using System.Diagnostics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Health;

/// <summary>What the whole server shares: connections, and WAL that standbys and replication slots have yet to take.</summary>
internal static class ServerHealth
{
    private const string ConnectionsSql =
        """
        SELECT (SELECT sum(numbackends) FROM pg_stat_database)::float8
               / (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int)
        """;

    // Whoever may not see the others' sessions gets their names without the figures.
    private const string StandbysSql =
        """
        SELECT coalesce(nullif(application_name, ''), client_addr::text, 'pid ' || pid), pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8
        FROM pg_stat_replication WHERE NOT pg_is_in_recovery()
        UNION ALL
        SELECT 'this server', greatest(0, pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()))::float8 WHERE pg_is_in_recovery()
        """;

    private const string SlotsSql =
        """
        SELECT slot_name::text, active, to_jsonb(s) ->> 'wal_status' = 'lost',
               coalesce(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)::float8
        FROM pg_replication_slots s ORDER BY slot_name
        """;

    public static async Task<IReadOnlyList<HealthResult>> CheckConnectionsAsync(HealthProbe probe, ReadOnlySession session)
    {
        var share = (await session.QueryAsync(ConnectionsSql, row => row.GetDouble(0), probe.CancellationToken).ConfigureAwait(false))[0];
        return
        [
            probe.Result(
                HealthCheck.Connections,
                "server",
                share,
                "Close unused sessions (pg_stat_activity), use a pooler such as PgBouncer, or raise max_connections."),
        ];
    }

    public static async Task<IReadOnlyList<HealthResult>> CheckStandbysAsync(HealthProbe probe, ReadOnlySession session)
    {
        var standbys = await session.QueryAsync(
            StandbysSql, row => (Name: row.GetString(0), Bytes: row.IsDBNull(1) ? (double?)null : row.GetDouble(1)), probe.CancellationToken).ConfigureAwait(false);
        return
        [
            .. standbys.Select(standby => standby.Bytes is null
                ? probe.Without(HealthCheck.ReplicationLag, standby.Name, HealthStatus.Unknown, "Reading this needs the role pg_monitor: GRANT pg_monitor TO ...")
                : probe.Result(
                    HealthCheck.ReplicationLag,
                    standby.Name,
                    standby.Bytes,
                    "The standby does not keep up. Check its log, its disk, and queries on it that delay replay (max_standby_streaming_delay).")),
        ];
    }

    public static async Task<IReadOnlyList<HealthResult>> CheckSlotsAsync(HealthProbe probe, ReadOnlySession session)
    {
        var slots = await session.QueryAsync(
            SlotsSql,
            row => (Name: row.GetString(0), IsActive: row.GetBoolean(1), IsLost: !row.IsDBNull(2) && row.GetBoolean(2), Bytes: row.GetDouble(3)),
            probe.CancellationToken).ConfigureAwait(false);
        return
        [
            .. slots.Select(slot =>
            {
                var drop = $"SELECT pg_drop_replication_slot({Identifier.Literal(slot.Name).TrimStart()})";
                return slot.IsLost
                    ? probe.Without(HealthCheck.ReplicationSlot, slot.Name, HealthStatus.Critical, $"The WAL it needs is gone, so it is useless: {drop}.")
                    : probe.Result(
                        HealthCheck.ReplicationSlot,
                        slot.Name,
                        slot.Bytes,
                        slot.IsActive
                            ? "Its consumer is slow. Unread WAL fills the disk; max_slot_wal_keep_size limits it."
                            : $"It has no consumer, and the WAL it retains fills the disk. Start its consumer, or drop it: {drop}.");
            }),
        ];
    }
}

/// <summary>Free space on the disks of the data folder, the WAL and the tablespaces, if the server runs on this machine.</summary>
internal static class FreeDiskHealth
{
    private const string Sql =
        """
        SELECT pg_backend_pid(), current_setting('data_directory'),
               ARRAY(SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE pg_tablespace_location(oid) <> '' ORDER BY 1)
        """;

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        var (process, data, tablespaces) = (await session.QueryAsync(
            Sql, row => (row.GetInt32(0), row.GetString(1), row.GetFieldValue<string[]>(2)), probe.CancellationToken).ConfigureAwait(false))[0];
        return IsOfThisMachine(process)
            ? [.. Folders(data, tablespaces).Select(folder => Check(probe, folder))]
            : [probe.Without(HealthCheck.FreeDisk, data, HealthStatus.Unknown, "The server runs on another machine or in a container; check its disk there.")];
    }

    // The WAL is part of the data folder unless it is a link to another disk.
    private static IEnumerable<string> Folders(string data, string[] tablespaces)
    {
        var wal = Path.Combine(data, "pg_wal");
        return [data, .. new FileInfo(wal).LinkTarget is null ? Array.Empty<string>() : [wal], .. tablespaces];
    }

    private static HealthResult Check(HealthProbe probe, string folder)
    {
        if (!Directory.Exists(folder))
        {
            return probe.Without(HealthCheck.FreeDisk, folder, HealthStatus.Unknown, "Your account cannot see this folder; check its disk as the server's account.");
        }

        var disk = new DriveInfo(folder);
        return probe.Result(
            HealthCheck.FreeDisk,
            folder,
            (double)disk.AvailableFreeSpace / disk.TotalSize,
            $"{DisplayText.Bytes(disk.AvailableFreeSpace)} of {DisplayText.Bytes(disk.TotalSize)} are free. Free disk space, or remove old rows.");
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
