using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Analytics;

/// <summary>Which rows an analysis takes, and how long it may take.</summary>
internal sealed record AnalyticsOptions
{
    /// <summary>Only rows at or after this time (UTC); null means any.</summary>
    public DateTime? Since { get; init; }

    /// <summary>Only rows before this time (UTC); null means any.</summary>
    public DateTime? Until { get; init; }

    /// <summary>The server ends a query that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;
}
