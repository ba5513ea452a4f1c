namespace StreamingPg.Core.Server;

/// <summary>Starts and stops the process of a private server.</summary>
/// <param name="folder">Folder of the server.</param>
/// <param name="account">Account that it runs as.</param>
/// <param name="options">How it is started.</param>
internal sealed class ServerLauncher(ServerFolder folder, ServerAccount account, PrivateServerOptions options)
{
    private const int StartAttempts = 5;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Starts the server and returns the port it got.</summary>
    /// <exception cref="StreamingException">The port is taken, or the server does not come up.</exception>
    public async Task<int> StartAsync(ServerBinaries binaries, int? lastPort, string? socketDirectory, CancellationToken cancellationToken)
    {
        await ServerFolder.MakeOwnedAsync(folder.LogFolder, account, cancellationToken).ConfigureAwait(false);
        RemoveStaleFile();
        var log = new ServerLog(folder, account);
        var walCompression = await WalCompressionAsync(binaries, cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            var port = LoopbackPort.Choose(options.Port, lastPort);
            await account.WriteAsync(
                Path.Combine(folder.Data, ServerConfiguration.FileName),
                ServerConfiguration.Text(
                    port, socketDirectory, walCompression, ServerConfiguration.IsReplicated(folder.Data, options.Settings), options.Settings),
                cancellationToken).ConfigureAwait(false);
            var logged = log.Prepare();
            var result = await account.RunAsync(
                binaries.PgCtl,
                ["start", "--pgdata", folder.Data, "--log", folder.LogFile, "--wait", "--timeout", "60", "--silent"],
                cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0)
            {
                return port;
            }

            // Two causes pass: somebody took the port in between, or children of a killed server are still going away.
            var tail = await log.TailAsync(logged, cancellationToken).ConfigureAwait(false);
            var passes = tail.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal)
                || tail.Contains("pre-existing shared memory block", StringComparison.Ordinal);
            if (!passes || attempt == StartAttempts)
            {
                throw new StreamingException(
                    ErrorIds.ServerStartFailed,
                    StreamingErrorKind.ConnectionFailed,
                    $"The private server in {folder.Path} did not start. {result.Error}\n{tail}".TrimEnd(),
                    $"\nThe full log is {folder.LogFile}.",
                    folder.Path);
            }

            await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the server when it runs; its programs need not be there any more.</summary>
    /// <param name="atOnce">True to end it without a checkpoint; false ends open sessions and loses nothing.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True when it ran.</returns>
    /// <exception cref="StreamingException">It did not stop.</exception>
    public async Task<bool> StopAsync(bool atOnce, CancellationToken cancellationToken)
    {
        if (PostmasterFile.Read(folder.Data) is not { } postmaster || !postmaster.ProcessLives())
        {
            return false;
        }

        var result = OperatingSystem.IsWindows()
            ? await StopByProgramAsync(atOnce, cancellationToken).ConfigureAwait(false)
            : await SignalAsync(postmaster.ProcessId, atOnce ? "QUIT" : "INT", cancellationToken).ConfigureAwait(false);
        var started = TimeProvider.System.GetTimestamp();
        while (postmaster.ProcessLives())
        {
            if (result.ExitCode != 0 || TimeProvider.System.GetElapsedTime(started) > StopPatience)
            {
                throw new StreamingException(
                    ErrorIds.ServerStopFailed,
                    StreamingErrorKind.Timeout,
                    $"The private server in {folder.Path} (process {postmaster.ProcessId}) did not stop. {result.Error}".TrimEnd(),
                    $"See its log, {folder.LogFile}.",
                    folder.Path);
            }

            await Task.Delay(StopInterval, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>In a container root may lack the right to signal the processes of others, and then the server's own account has it.</summary>
    private async Task<ProgramResult> SignalAsync(int processId, string signal, CancellationToken cancellationToken)
    {
        string[] kill = ["-c", "kill -\"$0\" \"$1\"", signal, $"{processId}"];
        var result = await ProgramRunner.RunAsync("/bin/sh", kill, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 || account.Name is null
            ? result
            : await account.RunAsync("/bin/sh", kill, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Windows has no signals; PostgreSQL's own program of any version stops a server of any version.</summary>
    private async Task<ProgramResult> StopByProgramAsync(bool atOnce, CancellationToken cancellationToken)
    {
        var binaries = await options.Programs.FindAsync(null, cancellationToken).ConfigureAwait(false);
        return await account.RunAsync(
            binaries.PgCtl,
            ["stop", "--pgdata", folder.Data, "--mode", atOnce ? "immediate" : "fast", "--wait", "--timeout", "60"],
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes what a crash left behind. PostgreSQL would take any process with the recorded id for the server, even an unreaped or a
    /// stranger's one, and not start; what is still running of the server itself holds its shared memory, and that keeps it from starting.
    /// </summary>
    private void RemoveStaleFile()
    {
        if (PostmasterFile.Read(folder.Data) is { } stale && !stale.ProcessLives())
        {
            File.Delete(Path.Combine(folder.Data, PostmasterFile.FileName));
        }
    }

    /// <summary>
    /// The quickest compression of whole pages that these programs were built with: small batches on large tables touch many pages
    /// for the first time since a checkpoint (measured on ten million rows: 4.7 ms a batch instead of 5.8 by PostgreSQL's own method).
    /// </summary>
    private async Task<string> WalCompressionAsync(ServerBinaries binaries, CancellationToken cancellationToken)
    {
        const string Quickest = "lz4";
        var result = await account.RunAsync(
            binaries.Postgres, ["-D", folder.Data, "-c", $"wal_compression={Quickest}", "-C", "wal_compression"], cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && result.Output == Quickest ? Quickest : "on";
    }
}

/// <summary>The log of a private server. Its folder belongs to the server's account, so links in it are not followed.</summary>
/// <param name="folder">Folder of the server.</param>
/// <param name="account">Account of the server.</param>
internal sealed class ServerLog(ServerFolder folder, ServerAccount account)
{
    private const long MaxBytes = 16 << 20;
    private const int TailLines = 15;

    /// <summary>Size of the log in bytes. A log that has become large is put aside first; one old log is kept.</summary>
    public long Prepare()
    {
        var log = new FileInfo(folder.LogFile);
        if (log is { Exists: true, Length: > MaxBytes })
        {
            File.Move(folder.LogFile, folder.LogFile + ".old", overwrite: true);
            return 0;
        }

        return log.Exists ? log.Length : 0;
    }

    /// <summary>The last lines of the log after a position, for an error message.</summary>
    public async Task<string> TailAsync(long fromByte, CancellationToken cancellationToken)
    {
        var text = await account.ReadAsync(folder.LogFile, fromByte, cancellationToken).ConfigureAwait(false);
        return string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(TailLines));
    }
}
