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

    public static Process Start(params string[] arguments) => TestProcess.Start(
        new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
}
