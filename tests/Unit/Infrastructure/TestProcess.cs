using System.ComponentModel;
using System.Diagnostics;

namespace StreamingPg.Tests;

/// <summary>Programs that tests start: signals end them however the tests were started, and nothing waits for them for ever.</summary>
internal static class TestProcess
{
    /// <summary>How long a program may take that is not what a test measures.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // A program inherits the signals that its parent ignores, as in `nohup ./build.sh test &`: it would never see a SIGINT or SIGHUP
    // that a test sends. coreutils' env gives them back; where it cannot (macOS), perl does.
    private static readonly Lazy<string[]> DefaultSignals = new(() => OperatingSystem.IsWindows() ? [] : new[]
    {
        new[] { "env", "--default-signal=INT,HUP,TERM" },
        ["perl", "-e", "$SIG{INT} = $SIG{HUP} = $SIG{TERM} = 'DEFAULT'; exec { $ARGV[0] } @ARGV or die $!", "--"],
    }.FirstOrDefault(IsThere) ?? []);

    /// <summary>Starts a program that ends by the signals that usually end it. The process keeps its id.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        string[] command = [.. DefaultSignals.Value, start.FileName, .. start.ArgumentList];
        start.FileName = command[0];
        start.ArgumentList.Clear();
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits until a program has ended; after two minutes it is killed, and the test fails with its name.</summary>
    public static async Task EndAsync(this Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            var name = process.ProcessName;
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{name} (process {process.Id}) did not end within {Patience}.");
        }
    }

    /// <summary>The next line that a program writes; null at its end. A program that says nothing for two minutes fails the test.</summary>
    public static Task<string?> NextLineAsync(this StreamReader reader) => reader.ReadLineAsync().WaitAsync(Patience);

    /// <summary>All that a program still writes until it closes its output, for which it has two minutes.</summary>
    public static Task<string> RestAsync(this StreamReader reader) => reader.ReadToEndAsync().WaitAsync(Patience);

    /// <summary>Runs a program to its end; anything but exit code 0 fails the test with what it wrote.</summary>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        var (output, error) = (process.StandardOutput.RestAsync(), process.StandardError.RestAsync());
        await process.EndAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{await output}\n{await error}");
    }

    /// <summary>Sends a signal, such as TERM.</summary>
    public static Task SignalAsync(this Process process, string signal) => RunAsync("kill", $"-{signal}", $"{process.Id}");

    private static bool IsThere(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], "true"]) { RedirectStandardError = true })!;
            return process.WaitForExit(Patience) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
