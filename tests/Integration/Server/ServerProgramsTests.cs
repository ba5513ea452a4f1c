using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Server;

/// <summary>Which server programs a private server is made with, when STREAMINGPG_SERVER_PROGRAMS names them.</summary>
public sealed class ServerProgramsTests
{
    [Fact]
    public async Task The_named_folder_is_used()
    {
        var installed = await ServerBinaries.FindAsync(major: null, CancellationToken.None);
        await using var own = new ThrowAwayServer();

        var result = await StartAsync(own.ServerPath, installed.Folder);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.StartsWith(installed.Version, Assert.Single(result.Json()).GetProperty("version").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_folder_without_programs_is_an_error_and_no_other_is_used()
    {
        using var folder = new TemporaryFolder();
        var server = Path.Combine(folder.Path, "server");

        var result = await StartAsync(server, folder.Path);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ServerNotInstalled", result.Error, StringComparison.Ordinal);
        Assert.Contains($"STREAMINGPG_SERVER_PROGRAMS names {folder.Path}", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(server, "data")));
    }

    [Fact]
    public async Task A_server_of_another_version_is_still_stopped_by_installed_programs()
    {
        await using var own = new ThrowAwayServer();
        await own.Server.StartAsync(CancellationToken.None);
        using var folder = new TemporaryFolder();
        WritePrograms(folder.Path, "99.1");
        var installed = await ServerBinaries.FindAsync(major: null, CancellationToken.None);

        var program = new StreamingPgProgram().With("STREAMINGPG_SERVER_PROGRAMS", folder.Path)
            .With("PATH", $"{installed.Folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}");
        (await program.RunAsync("server", "stop", "--path", own.ServerPath)).Expect(0);

        Assert.Equal(ServerState.Stopped, own.Server.GetStatus().State);
    }

    [Fact]
    public async Task Programs_of_an_unsupported_version_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        WritePrograms(folder.Path, "13.23");

        var result = await StartAsync(Path.Combine(folder.Path, "server"), folder.Path);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("which contains PostgreSQL 13.23; PostgreSQL 14 to 18 is required", result.Error, StringComparison.Ordinal);
    }

    private static Task<CommandLineResult> StartAsync(string path, string programs) =>
        new StreamingPgProgram().With("STREAMINGPG_SERVER_PROGRAMS", programs).RunAsync("server", "start", "--path", path, "--json");

    /// <summary>Programs that can do nothing but say their version.</summary>
    private static void WritePrograms(string folder, string version)
    {
        foreach (var program in new[] { "initdb", "pg_ctl", "postgres" })
        {
            var file = Path.Combine(folder, program);
            File.WriteAllText(file, $"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }
}
