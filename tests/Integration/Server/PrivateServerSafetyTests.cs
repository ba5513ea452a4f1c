using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

/// <summary>The private server beside other servers, other users and what a crash left behind.</summary>
public sealed class PrivateServerSafetyTests
{
    [Fact]
    public async Task A_stale_pid_file_that_names_another_PostgreSQL_stops_and_blocks_nothing()
    {
        await using var own = new ThrowAwayServer();
        await using var other = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        var others = await other.Server.StartAsync(CancellationToken.None);
        var stale = await StaleFileAsync(own, others.ProcessId!.Value);

        Assert.Equal(ServerState.Stopped, (await own.NewSession().StopAsync(CancellationToken.None)).State);
        Assert.Equal(others, other.Server.GetStatus());
        Assert.Equal(1, await other.ScalarAsync<int>("SELECT 1"));

        await File.WriteAllTextAsync(Path.Combine(own.ServerPath, "data", "postmaster.pid"), stale);
        Assert.NotEqual(others.ProcessId, (await own.NewSession().StartAsync(CancellationToken.None)).ProcessId);
        Assert.Equal(others, other.Server.GetStatus());
    }

    [Fact]
    public async Task An_ended_server_that_nobody_reaped_does_not_block_the_next_start()
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows knows no unreaped processes.
            return;
        }

        await using var own = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        using var parent = await ZombieAsync(Path.GetDirectoryName(own.ServerPath)!);
        try
        {
            var zombie = int.Parse((await parent.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            while (OperatingSystem.IsLinux() && !(await File.ReadAllTextAsync($"/proc/{zombie}/stat")).Contains(") Z ", StringComparison.Ordinal))
            {
                await Task.Delay(20);
            }

            await StaleFileAsync(own, zombie);
            Assert.Equal(ServerState.Running, (await own.NewSession().StartAsync(CancellationToken.None)).State);
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    public async Task A_link_in_place_of_the_settings_file_is_replaced_and_not_followed()
    {
        await using var own = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        await own.Server.StopAsync(CancellationToken.None);
        var victim = Path.Combine(own.ServerPath, "..", "victim.txt");
        await File.WriteAllTextAsync(victim, "not the server's");
        var settings = Path.Combine(own.ServerPath, "data", "streamingpg.conf");
        File.Delete(settings);
        File.CreateSymbolicLink(settings, Path.GetFullPath(victim));

        await own.NewSession().StartAsync(CancellationToken.None);
        Assert.Equal("not the server's", await File.ReadAllTextAsync(victim));
        Assert.Null(new FileInfo(settings).LinkTarget);
    }

    [Fact]
    public async Task The_server_gets_nothing_secret_of_our_environment()
    {
        const string Secret = "STREAMINGPG_TEST_TOKEN";
        await using var own = new ThrowAwayServer();
        Environment.SetEnvironmentVariable(Secret, "open sesame");
        try
        {
            await own.Server.StartAsync(CancellationToken.None);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Secret, null);
        }

        var command = OperatingSystem.IsWindows() ? "set" : "env";
        var seen = await own.ScalarAsync<string>(
            $"CREATE TEMP TABLE seen (line text); COPY seen FROM PROGRAM '{command}' (DELIMITER E'\\x01'); SELECT string_agg(line, E'\\n') FROM seen");
        Assert.DoesNotContain("open sesame", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("TOKEN", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_user_is_not_taken_for_none()
    {
        if (!OperatingSystem.IsLinux())
        {
            // A thread can take another user's view of the files on Linux only.
            return;
        }

        await using var own = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        var mode = new DirectoryInfo(own.ServerPath).UnixFileMode;
        try
        {
            var error = Assert.Throws<StreamingException>(() => AsAnotherUser(own.ServerPath, () => own.NewSession().GetStatus()));
            Assert.Equal("ServerOfAnotherUser", error.ErrorId);
            Assert.Equal(StreamingErrorKind.PermissionDenied, error.Kind);
        }
        finally
        {
            SetMode(own.ServerPath, mode);
        }

        Assert.Equal(ServerState.Running, own.Server.GetStatus().State);
    }

    [Fact]
    public async Task A_server_whose_programs_are_gone_can_be_stopped_and_says_how_to_go_on()
    {
        await using var own = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        var version = Path.Combine(own.ServerPath, "data", "PG_VERSION");
        var real = await File.ReadAllTextAsync(version);
        await File.WriteAllTextAsync(version, "9\n");
        try
        {
            Assert.Equal(ServerState.Stopped, (await own.NewSession().StopAsync(CancellationToken.None)).State);
            var error = await Assert.ThrowsAsync<StreamingException>(() => own.NewSession().StartAsync(CancellationToken.None));
            Assert.Equal("ServerNotInstalled", error.ErrorId);
            Assert.Contains("Update-StreamingServer (streamingpg server upgrade)", error.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            await File.WriteAllTextAsync(version, real);
        }

        Assert.Equal(ServerState.Running, (await own.NewSession().StartAsync(CancellationToken.None)).State);
    }

    /// <summary>Stops the server and leaves the file of a crash behind that names another process. Returns the file's text.</summary>
    private static async Task<string> StaleFileAsync(ThrowAwayServer own, int processId)
    {
        var file = Path.Combine(own.ServerPath, "data", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file);
        await own.Server.StopAsync(CancellationToken.None);
        lines[0] = processId.ToString(CultureInfo.InvariantCulture);
        var text = string.Join('\n', lines) + "\n";
        await File.WriteAllTextAsync(file, text);
        return text;
    }

    /// <summary>A process of the server's account whose child, named as a server, has ended and is not reaped; it prints the child's id.</summary>
    private static async Task<Process> ZombieAsync(string folder)
    {
        var program = Path.Combine(folder, "postgres");

        // A shell reaps: the child ends when the parent is one that does not.
        await File.WriteAllTextAsync(
            program, "#!/bin/sh\nwhile [ -r /proc/$PPID/comm ] && ! grep -q sleep /proc/$PPID/comm; do sleep 0.02; done\nexit 0\n");
        SetMode(program, (UnixFileMode)0b111_101_101);
        var start = new ProcessStartInfo { RedirectStandardOutput = true, WorkingDirectory = "/" };
        string[] shell = ["/bin/sh", "-c", "\"$0\" & echo $!; exec sleep 600", program];
        string[] command = ServerAccount.Choose(null).Name is { } account ? ["setpriv", $"--reuid={account}", "--clear-groups", "--", .. shell] : shell;
        start.FileName = command[0];
        Array.ForEach(command[1..], start.ArgumentList.Add);
        return Process.Start(start)!;
    }

    /// <summary>Looks at the files as a user who may not enter the folder: root through another file system user, others by closing it.</summary>
    private static T AsAnotherUser<T>(string folder, Func<T> look)
    {
        if (!ServerAccount.IsRoot)
        {
            SetMode(folder, UnixFileMode.None);
            return look();
        }

        _ = SetFileSystemUser(65534);
        try
        {
            return look();
        }
        finally
        {
            _ = SetFileSystemUser(0);
        }
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileSystemUser(int user);
}
