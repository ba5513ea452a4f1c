using System.Diagnostics;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>The program of tests/Net8: the engine on the .NET of PowerShell 7.4, in a process of its own.</summary>
internal static class Net8Program
{
    private static string Path
    {
        get
        {
            // tests/Integration/bin/<configuration>/<framework>
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!;
            var tests = configuration.Parent!.Parent!.Parent!.FullName;
            return System.IO.Path.Combine(
                tests, "Net8", "bin", configuration.Name, "net8.0", "StreamingPg.Tests.Net8" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        }
    }

    /// <summary>Runs the program and returns its lines; the first is the name of its .NET.</summary>
    public static async Task<List<string>> RunAsync(params string[] arguments)
    {
        using var process = TestProcess.Start(
            new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        var error = process.StandardError.ReadToEndAsync();
        var lines = new List<string>();
        while (await process.StandardOutput.NextLineAsync() is { } line)
        {
            lines.Add(line.Trim());
        }

        await process.EndAsync();
        Assert.True(process.ExitCode == 0, await error);
        return lines;
    }
}
