using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Health;

/// <summary>How health is checked.</summary>
internal sealed record HealthOptions
{
    /// <summary>Time from batch to batch; null means that the ledger shows it.</summary>
    public TimeSpan? Schedule { get; init; }

    /// <summary>How far rates look back.</summary>
    public TimeSpan Period { get; init; } = DefaultPeriod;

    /// <summary>How far rates look back when nothing else is asked.</summary>
    public static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(1);

    /// <summary>From which values on checks warn.</summary>
    public HealthThresholds Thresholds { get; init; } = HealthThresholds.Default;

    /// <summary>The server ends a query that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;

    /// <summary>Rejects times that are none.</summary>
    internal void Validate()
    {
        if (Schedule <= TimeSpan.Zero || Period <= TimeSpan.Zero)
        {
            throw new StreamingException(
                ErrorIds.PeriodNotPositive,
                StreamingErrorKind.InvalidInput,
                $"{(Period <= TimeSpan.Zero ? Period : Schedule)} is not a valid schedule or period.",
                "Use a positive duration, such as 10s.");
        }
    }
}
