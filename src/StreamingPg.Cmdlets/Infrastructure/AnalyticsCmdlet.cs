using System.Management.Automation;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command that analyzes rows in a read-only transaction.</summary>
public abstract class AnalyticsCmdlet : ModelCmdlet
{
    /// <summary>Only rows at or after this time.</summary>
    [Parameter]
    [Instant]
    public DateTime? Since { get; set; }

    /// <summary>Only rows before this time.</summary>
    [Parameter]
    [Instant]
    public DateTime? Until { get; set; }

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter]
    [Duration]
    public TimeSpan StatementTimeout { get; set; } = new AnalyticsOptions().StatementTimeout;

    /// <summary>What was asked for, in the engine's words.</summary>
    private protected AnalyticsOptions Options => new()
    {
        Since = Since,
        Until = Until,
        StatementTimeout = StatementTimeout,
    };
}
