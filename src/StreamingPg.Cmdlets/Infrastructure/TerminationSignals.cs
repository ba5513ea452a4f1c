using System.Runtime.InteropServices;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// PowerShell ends at once at SIGTERM and at SIGHUP (a closed terminal). While work of ours is under way the process ends only after that
/// has stopped as it does at Ctrl+C, or has had its time. Windows has no such signals.
/// </summary>
internal static class TerminationSignals
{
    // The same promise as for every other stop.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly object Sync = new();
    private static readonly HashSet<CancellationTokenSource> UnderWay = [];
    private static PosixSignalRegistration[]? _registrations;
    private static int _exitCode;

    /// <summary>True when a signal told the process to end.</summary>
    public static bool IsEnding => Volatile.Read(ref _exitCode) != 0;

    /// <summary>Work begins.</summary>
    /// <param name="stop">Stops it.</param>
    public static void Enter(CancellationTokenSource stop)
    {
        lock (Sync)
        {
            _registrations ??= OperatingSystem.IsWindows()
                ? []
                : [PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, 15)), PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => End(signal, 1))];
            UnderWay.Add(stop);
        }
    }

    /// <summary>Work has ended, and said what it had to say. The last one ends the process when a signal told it to.</summary>
    public static void Leave(CancellationTokenSource stop)
    {
        lock (Sync)
        {
            if (!UnderWay.Remove(stop) || UnderWay.Count > 0 || !IsEnding)
            {
                return;
            }
        }

        Environment.Exit(_exitCode);
    }

    private static void End(PosixSignalContext context, int signal)
    {
        CancellationTokenSource[] underWay;
        lock (Sync)
        {
            underWay = [.. UnderWay];
            if (underWay.Length == 0)
            {
                return; // the process ends as it does without us
            }

            // By a shell's convention, and that of .NET.
            _exitCode = 128 + signal;
        }

        context.Cancel = true;
        _ = Task.Delay(Patience).ContinueWith(static _ => Environment.Exit(_exitCode), TaskScheduler.Default);
        foreach (var stop in underWay)
        {
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended meanwhile.
            }
        }
    }
}
