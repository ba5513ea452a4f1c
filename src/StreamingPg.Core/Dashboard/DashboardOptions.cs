namespace StreamingPg.Core.Dashboard;

/// <summary>How the live page is served.</summary>
internal sealed record DashboardOptions
{
    /// <summary>Time between refreshes if no other is given.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    /// <summary>The port to listen on; null means any free port.</summary>
    public int? Port { get; init; }

    /// <summary>Time between refreshes.</summary>
    public TimeSpan Interval { get; init; } = DefaultInterval;

    /// <summary>True to show buttons that pause, resume and stop the streams of this process.</summary>
    public bool AllowControl { get; init; }

    /// <summary>Rejects numbers that make no sense.</summary>
    internal void Validate()
    {
        if (Interval < ShortestInterval || Interval > LongestInterval)
        {
            throw new StreamingException(
                ErrorIds.InvalidWatch,
                StreamingErrorKind.InvalidInput,
                $"The interval {DisplayText.Duration(Interval)} is out of range.",
                "Use 100ms to 1h.",
                Interval);
        }
    }
}
