using System.CommandLine;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The option that limits the time of a query.</summary>
internal static class StatementTimeoutOption
{
    /// <summary>Makes the option.</summary>
    public static Option<TimeSpan> Create() => DurationOption.Create(
        "--statement-timeout", "The server ends a query that takes longer; 0s means no limit", new AnalyticsOptions().StatementTimeout, TimeSpan.Zero);
}
