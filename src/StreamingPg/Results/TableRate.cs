namespace StreamingPg;

/// <summary>The growth of a table at one refresh.</summary>
public sealed record TableRate
{
    /// <summary>Time of the refresh (UTC).</summary>
    public required DateTime Time { get; init; }

    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Number of rows.</summary>
    public required long Rows { get; init; }

    /// <summary>True if <see cref="Rows"/> is an estimate, not a count.</summary>
    public required bool IsEstimate { get; init; }

    /// <summary>Change in rows since the previous refresh; zero at the first.</summary>
    public required long Delta { get; init; }

    /// <summary>Time since the previous refresh; zero at the first.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Rows per second since the previous refresh.</summary>
    public double RowsPerSecond => Elapsed > TimeSpan.Zero ? Delta / Elapsed.TotalSeconds : 0;

    /// <summary>Rows per second at the latest refreshes, this one last.</summary>
    public IReadOnlyList<double> RecentRates { get; init; } = [];

    /// <summary>The recent rates as bars.</summary>
    public string Recent => DisplayText.Sparkline(RecentRates);
}
