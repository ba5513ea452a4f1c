using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Report;

/// <summary>What a report shows.</summary>
internal sealed record ReportOptions
{
    /// <summary>Only batches, transactions and line items at or after this time (UTC); null means any.</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only batches, transactions and line items before this time (UTC); null means any.</summary>
    public DateTime? Until { get; init; }

    /// <summary>The server ends a query of the analyses that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;

    /// <summary>Maximum users and products, 1 to <see cref="MaxTop"/>: more would not fit a chart.</summary>
    public int Top { get; init; } = DefaultTop;

    /// <summary>Users and products if no other number is given.</summary>
    public const int DefaultTop = 10;

    /// <summary>Maximum users and products of a report.</summary>
    public const int MaxTop = 50;

    /// <summary>True to take the planner's estimate of rows instead of counting.</summary>
    public bool Estimate { get; init; }

    /// <summary>False to leave out the integrity checks, which read every row.</summary>
    public bool Integrity { get; init; } = true;

    /// <summary>Real tables to compare with: <c>schema.table</c>, or a schema; null for no comparison.</summary>
    public string? Against { get; init; }

    /// <summary>What the analyses are asked.</summary>
    internal AnalyticsOptions Analytics => new() { Since = Since, Until = Until, StatementTimeout = StatementTimeout };
}
