using System.CommandLine;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The option that limits the time of a query.</summary>
internal static class StatementTimeoutOption
{
    /// <summary>Makes the option.</summary>
    public static Option<TimeSpan> Create() => new Option<TimeSpan>("--statement-timeout")
    {
        Description = "The server ends a query that takes longer; 0 means no limit",
        HelpName = "time",
        DefaultValueFactory = _ => new AnalyticsOptions().StatementTimeout,
    }.AtLeast(TimeSpan.Zero);
}
