namespace StreamingPg.Core.Report;

/// <summary>The ledger over time, in stretches of equal length.</summary>
/// <param name="Length">Length of a stretch.</param>
/// <param name="Buckets">The stretches in order, without a gap; empty when the ledger has nothing.</param>
internal sealed record Timeline(TimeSpan Length, IReadOnlyList<TimelineBucket> Buckets)
{
    private const int MostBuckets = 40;

    private static readonly TimeSpan[] Lengths =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromDays(1),
        TimeSpan.FromDays(7), TimeSpan.FromDays(28),
    ];

    /// <summary>The shortest stretch that a person counts in and of which few enough fill the time between two instants.</summary>
    public static TimeSpan LengthFor(DateTime first, DateTime last)
    {
        var shortest = (last - first) / MostBuckets;
        var length = Array.Find(Lengths, length => length >= shortest);
        return length > TimeSpan.Zero ? length : TimeSpan.FromDays(Math.Ceiling(shortest.TotalDays / 28) * 28);
    }
}
