namespace StreamingPg.Core.Model;

/// <summary>
/// How a table is stored: plain, in partitions by the time of its rows, distributed over several servers by Citus, or both. The one
/// property by which schema, loading, integrity, growth, retention and discovery go; what it means for keys is said by StoredKeys.
/// </summary>
internal sealed record TableLayout
{
    /// <summary>One table on one server.</summary>
    public static TableLayout Plain { get; } = new();

    /// <summary>By what it is partitioned; null for not at all.</summary>
    public PartitionModel? Partition { get; init; }

    /// <summary>How Citus distributes it; null for not at all.</summary>
    public DistributionLayout? Distribution { get; init; }

    /// <summary>The columns that every unique key on the server must contain.</summary>
    public IEnumerable<string> KeyColumns
    {
        get
        {
            if (Partition is { } partition)
            {
                yield return partition.Column;
            }

            if (Distribution is { Column: { } column } && column != Partition?.Column)
            {
                yield return column;
            }
        }
    }

    /// <summary>What is said of it to a user; empty for a plain table.</summary>
    public string Describe()
    {
        var parts = new List<string>();
        if (Partition is { } partition)
        {
            parts.Add($"partitioned by {partition.Column}"
                + (partition.Owner is { } owner ? $", left to {owner}" : partition.Interval is { } interval ? $", one partition per {interval.ToString().ToLowerInvariant()}" : ""));
        }

        if (Distribution is { } distribution)
        {
            parts.Add(distribution.Column is null ? "reference table" : $"distributed by {distribution.Column}");
        }

        return string.Join("; ", parts);
    }
}

/// <summary>Range partitions by a time.</summary>
/// <param name="Column">The column.</param>
/// <param name="Interval">How much time a partition holds; null when the partitions are not StreamingPg's.</param>
internal sealed record PartitionModel(string Column, PartitionInterval? Interval)
{
    /// <summary>The tool that creates and drops the partitions; null for StreamingPg, or nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>True when StreamingPg creates and drops the partitions.</summary>
    public bool IsOwn => Interval is not null && Owner is null;
}

/// <summary>How Citus stores a table.</summary>
/// <param name="Column">The column whose value says in which shard a row is; null for a reference table, which every server has whole.</param>
internal sealed record DistributionLayout(string? Column)
{
    /// <summary>The table whose rows of the same value are on the same server; null for none, or what Citus chooses.</summary>
    public string? ColocateWith { get; init; }
}
