using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Says in words where a table is stored otherwise than it was asked to be. What nobody asked for is no difference.</summary>
internal static class LayoutDifference
{
    public static IEnumerable<string> Find(TableLayout wanted, TableLayout live)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(live);
        if (wanted.Partition is { } partition)
        {
            if (live.Partition?.Column != partition.Column)
            {
                yield return $"it is not partitioned by \"{partition.Column}\"";
            }
            else if (live.Partition is { Interval: { } interval } && partition.Interval is { } asked && interval != asked)
            {
                yield return $"its partitions hold a {Name(interval)} each, not a {Name(asked)}";
            }
        }

        if (wanted.Distribution is { } distribution && (live.Distribution is null || live.Distribution.Column != distribution.Column))
        {
            yield return distribution.Column is null ? "it is not a reference table of Citus" : $"it is not distributed by \"{distribution.Column}\"";
        }
    }

    private static string Name(PartitionInterval interval) => interval.ToString().ToLowerInvariant();
}
