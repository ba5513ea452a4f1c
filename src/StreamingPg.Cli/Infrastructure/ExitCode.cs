namespace StreamingPg.Cli.Infrastructure;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>The job was done.</summary>
    public const int Done = 0;

    /// <summary>The job failed; standard error says why and what to do.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood, or asks for something impossible.</summary>
    public const int WrongUsage = 2;

    /// <summary>The check was done and found rows that break referential integrity, uniqueness or a sequence.</summary>
    public const int IntegrityViolated = 3;

    /// <summary>Stopped by Ctrl+C or SIGTERM; by a shell's convention 128 and the number of SIGINT.</summary>
    public const int Cancelled = 130;
}
