using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace StreamingPg.Bench;

/// <summary>What a program that ran to a good end left behind.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Elapsed">Time from its start to its end.</param>
/// <param name="PeakBytes">Most memory it had resident.</param>
internal sealed record ChildProcess(string Output, TimeSpan Elapsed, long PeakBytes)
{
    private const string PeakOfStatus = "VmHWM:";

    private static readonly TimeSpan MemoryInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It could not be started, or failed; the message has what it said.</exception>
    public static async Task<ChildProcess> RunAsync(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        var begin = Stopwatch.GetTimestamp();
        Start(process);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var memory = WatchMemoryAsync(process);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var elapsed = Stopwatch.GetElapsedTime(begin);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{Path.GetFileName(program)} ended with exit code {process.ExitCode}: {(await error).Trim()}");
        }

        return new ChildProcess((await output).Trim(), elapsed, await memory);
    }

    private static void Start(Process process)
    {
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"{process.StartInfo.FileName} cannot be run: {exception.Message}.", exception);
        }
    }

    /// <summary>The system keeps the peak while the process lives; what the last few milliseconds add is missed.</summary>
    private static async Task<long> WatchMemoryAsync(Process process)
    {
        long peak = 0;
        while (!process.HasExited)
        {
            try
            {
                peak = Math.Max(peak, PeakOf(process));
            }
            catch (Exception exception) when (exception is InvalidOperationException or IOException)
            {
                break; // It ended in between.
            }

            await Task.Delay(MemoryInterval);
        }

        return peak;
    }

    // Process reads a file for each thread to tell the same, which took a third of a processor from what was measured.
    private static long PeakOf(Process process)
    {
        if (!OperatingSystem.IsLinux())
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }

        var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(line => line.StartsWith(PeakOfStatus, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[PeakOfStatus.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
