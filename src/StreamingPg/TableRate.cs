namespace StreamingPg;

/// <summary>How a table grows at a moment.</summary>
public sealed record TableRate
{
    /// <summary>When it was looked at (UTC).</summary>
    public required DateTime Time { get; init; }

    /// <summary>Table name without schema.</summary>
    public required string Table { get; init; }

    /// <summary>Number of rows.</summary>
    public required long Rows { get; init; }

    /// <summary>True when <see cref="Rows"/> is an estimate and not a count.</summary>
    public required bool IsEstimate { get; init; }

    /// <summary>Rows more (or fewer) than at the look before; zero at the first.</summary>
    public required long Delta { get; init; }

    /// <summary>Time since the look before; zero at the first.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Rows per second since the look before.</summary>
    public double RowsPerSecond => Elapsed > TimeSpan.Zero ? Delta / Elapsed.TotalSeconds : 0;

    /// <summary>Rows per second of the latest looks, this one last.</summary>
    public IReadOnlyList<double> RecentRates { get; init; } = [];

    /// <summary>The recent rates as bars.</summary>
    public string Recent => DisplayText.Sparkline(RecentRates);
}
