using System.Diagnostics;
using System.Globalization;

namespace StreamingPg.Core.Server;

/// <summary>How a private server is upgraded.</summary>
internal sealed record ServerUpgradeOptions
{
    /// <summary>True to end the sessions that are open on the server.</summary>
    public bool Force { get; init; }

    /// <summary>True to keep the old data after the new server answered.</summary>
    public bool KeepOldData { get; init; }

    /// <summary>Is told each step in a sentence, or null.</summary>
    public Action<string>? Step { get; init; }
}

/// <summary>What both doors say of an upgrade.</summary>
internal static class ServerUpgradeText
{
    /// <summary>What an upgrade does, in a sentence.</summary>
    public static string Plan(ServerUpgrade plan) => plan.Status == ServerUpgradeStatus.UpToDate
        ? $"Start the server in {plan.Path}, which is of PostgreSQL {plan.ToVersion}, the newest version here"
            + (plan.OldData is { } old ? $", and remove the old data in {old}" : "")
        : $"Upgrade the server in {plan.Path} from PostgreSQL {plan.FromVersion} to {plan.ToVersion} by dump and restore, which needs up to "
            + $"{DisplayText.Bytes(plan.RequiredBytes)} of the {DisplayText.Bytes(plan.FreeBytes)} that are free"
            + (plan.Sessions.Count == 0 ? "" : $". These sessions end: {string.Join("; ", plan.Sessions)}");
}

/// <summary>
/// Moves a private server to the newest programs: dumps it into a new cluster, compares both, and puts the new one in the old one's place.
/// Port, socket and password stay. Until the new cluster is verified nothing of the old one is changed, so an upgrade that was interrupted is run again.
/// </summary>
/// <param name="folder">Folder of the server.</param>
/// <param name="server">How servers are started.</param>
/// <param name="options">How it is upgraded.</param>
internal sealed class ServerUpgrader(ServerFolder folder, PrivateServerOptions server, ServerUpgradeOptions options)
{
    /// <summary>What a restore may leave in the log of changes besides the data.</summary>
    private const long LogBytes = 1L << 30;

    private readonly ServerAccount _account = ServerAccount.Choose(ServerRecord.Read(folder.RecordFile).Account);

    /// <summary>An upgrade of the server in a folder.</summary>
    /// <inheritdoc cref="PrivateServer(string?, PrivateServerOptions?)"/>
    public static ServerUpgrader Of(string? path, PrivateServerOptions server, ServerUpgradeOptions options) =>
        new(new ServerFolder(new PrivateServer(path).Path), server, options);

    /// <summary>Says what an upgrade would do, and what stands in its way; changes nothing.</summary>
    /// <exception cref="StreamingException">There is no server, or programs are missing.</exception>
    public async Task<ServerUpgrade> PlanAsync(CancellationToken cancellationToken)
    {
        var from = folder.Major ?? throw ServerUse.NotCreated(folder.Path);
        var to = await server.Programs.FindNewestAsync(cancellationToken).ConfigureAwait(false);
        var plan = new ServerUpgrade
        {
            Status = to.Major == from ? ServerUpgradeStatus.UpToDate : ServerUpgradeStatus.Planned,
            Path = folder.Path,
            FromVersion = ServerRecord.Read(folder.RecordFile).Version ?? from.ToString(CultureInfo.InvariantCulture),
            ToVersion = to.Version,
            Programs = to.Folder,
            FreeBytes = new DriveInfo(folder.Path).AvailableFreeSpace,
            OldData = Directory.Exists(folder.OldData) ? folder.OldData : null,
        };
        if (plan.Status == ServerUpgradeStatus.UpToDate)
        {
            return plan;
        }

        if (to.Major < from)
        {
            throw new StreamingException(
                ErrorIds.ServerProgramsOlder,
                StreamingErrorKind.NotInstalled,
                $"The server in {folder.Path} was created by PostgreSQL {from}, and the newest programs are of PostgreSQL {to.Version}, in {to.Folder}.",
                $"Install newer ones, or name their folder in {ServerBinaries.FolderVariable}.",
                to.Folder);
        }

        if (!server.Download)
        {
            await server.Programs.FindAsync(from, cancellationToken).ConfigureAwait(false);
        }

        await ClientPrograms.FindAsync(from, to, cancellationToken).ConfigureAwait(false);
        var bytes = ServerUse.DataBytes(folder);
        return plan with
        {
            RequiredBytes = bytes + Math.Min(bytes, LogBytes),
            Sessions = await ServerUse.ReadSessionsAsync(new PrivateServer(folder.Path), cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Upgrades the server and starts it. One that is of the newest version is only started.</summary>
    /// <param name="cancellationToken">Cancels; the old server is as it was, and runs if it ran.</param>
    /// <exception cref="StreamingException">Something is missing, sessions are open, or the new server is not what the old one was.</exception>
    public async Task<ServerUpgrade> UpgradeAsync(CancellationToken cancellationToken)
    {
        var current = new PrivateServer(folder.Path, server);
        var (started, wasRunning) = (Stopwatch.GetTimestamp(), current.GetStatus().State == ServerState.Running);
        ServerUpgrade result;
        try
        {
            if (!Directory.Exists(folder.Path))
            {
                return await PlanAsync(cancellationToken).ConfigureAwait(false);
            }

            using var held = await FolderLock.TakeAsync(
                folder.LockFile, PrivateServer.LockActivity, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            folder.FinishUpgrade();
            result = await PlanAsync(cancellationToken).ConfigureAwait(false);
            if (result.Status != ServerUpgradeStatus.UpToDate)
            {
                result = await ReplaceAsync(result, cancellationToken).ConfigureAwait(false);
            }
        }
        catch when (wasRunning && current.GetStatus().State != ServerState.Running)
        {
            await current.StartAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        options.Step?.Invoke($"Starting PostgreSQL {result.ToVersion}");
        await current.StartAsync(cancellationToken).ConfigureAwait(false);
        if (!options.KeepOldData && Directory.Exists(folder.OldData))
        {
            Directory.Delete(folder.OldData, recursive: true);
        }

        return result with
        {
            OldData = Directory.Exists(folder.OldData) ? folder.OldData : null,
            FreeBytes = new DriveInfo(folder.Path).AvailableFreeSpace,
            Duration = Stopwatch.GetElapsedTime(started),
        };
    }

    /// <summary>Stops and removes what an upgrade left behind that was killed; the old server and its data stay.</summary>
    public static async Task DiscardAsync(ServerFolder folder, ServerAccount account, PrivateServerOptions server, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder.Upgrade))
        {
            await new ServerLauncher(new ServerFolder(folder.Upgrade), account, server).StopAsync(atOnce: true, cancellationToken).ConfigureAwait(false);
            await new ServerLauncher(folder, account, server).StopAsync(atOnce: false, cancellationToken).ConfigureAwait(false);
            Directory.Delete(folder.Upgrade, recursive: true);
        }

        if (Directory.Exists(folder.Data) && Directory.Exists(folder.UpgradedData))
        {
            Directory.Delete(folder.UpgradedData, recursive: true);
        }
    }

    private async Task<ServerUpgrade> ReplaceAsync(ServerUpgrade plan, CancellationToken cancellationToken)
    {
        Refuse(plan);
        await DiscardAsync(folder, _account, server, cancellationToken).ConfigureAwait(false);
        var from = folder.Major!.Value;
        var oldPrograms = await server.Programs.FindOrDownloadAsync(from, server, cancellationToken).ConfigureAwait(false);
        var newPrograms = new ServerBinaries(plan.Programs, plan.ToVersion);
        var clients = await ClientPrograms.FindAsync(from, newPrograms, cancellationToken).ConfigureAwait(false);
        var next = new ServerFolder(folder.Upgrade);
        var mover = new ServerMover(folder, next, _account, server, clients, options.Step);
        ServerInventory moved;
        try
        {
            moved = await mover.MoveAsync(oldPrograms, newPrograms, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await DiscardAsync(folder, _account, server, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        // From here on nothing is waited for: a session that is killed between two of these leaves what FinishUpgrade or DiscardAsync puts right.
        Directory.Move(next.Data, folder.UpgradedData);
        Directory.Delete(folder.Upgrade, recursive: true);
        if (Directory.Exists(folder.OldData))
        {
            Directory.Delete(folder.OldData, recursive: true);
        }

        Directory.Move(folder.Data, folder.OldData);
        folder.FinishUpgrade();
        return plan with
        {
            Status = ServerUpgradeStatus.Upgraded,
            FromVersion = oldPrograms.Version,
            Databases = moved.Databases,
            Tables = moved.Tables,
            Rows = moved.Rows,
        };
    }

    private void Refuse(ServerUpgrade plan)
    {
        if (!options.Force)
        {
            ServerUse.Refuse(folder.Path, plan.Sessions);
        }

        if (plan.FreeBytes < plan.RequiredBytes)
        {
            throw new StreamingException(
                ErrorIds.ServerSpaceTooSmall,
                StreamingErrorKind.ResourceExhausted,
                $"The upgrade of {folder.Path} needs {DisplayText.Bytes(plan.RequiredBytes)}, and {DisplayText.Bytes(plan.FreeBytes)} are free.",
                "Make room: old and new data exist side by side until the new server is verified.",
                folder.Path);
        }

        var tablespaces = new DirectoryInfo(Path.Combine(folder.Data, "pg_tblspc"));
        if (tablespaces.Exists && tablespaces.EnumerateFileSystemInfos().Any())
        {
            throw new StreamingException(
                ErrorIds.ServerUpgradeFailed,
                StreamingErrorKind.InvalidInput,
                $"The server in {folder.Path} has tablespaces outside its folder, which are not moved.",
                "Move their tables into the default tablespace first (ALTER DATABASE ... SET TABLESPACE pg_default), and drop them.",
                folder.Path);
        }
    }
}
