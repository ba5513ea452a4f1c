using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Health;

/// <summary>How health is checked.</summary>
internal sealed record HealthOptions
{
    /// <summary>Time from batch to batch; null means that the ledger shows it.</summary>
    public TimeSpan? Schedule { get; init; }

    /// <summary>How far rates look back.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromDays(1);

    /// <summary>From which values on checks warn.</summary>
    public HealthThresholds Thresholds { get; init; } = HealthThresholds.Default;

    /// <summary>The server ends a query that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;

    /// <summary>Refuses times that are none.</summary>
    internal void Validate()
    {
        if (Schedule <= TimeSpan.Zero || Period <= TimeSpan.Zero)
        {
            throw new StreamingException(
                "PeriodNotPositive",
                StreamingErrorKind.InvalidInput,
                $"{(Period <= TimeSpan.Zero ? Period : Schedule)} is not a schedule's interval or a time to look back over.",
                "Give a positive one, such as 00:00:10 for ten seconds.");
        }
    }
}
