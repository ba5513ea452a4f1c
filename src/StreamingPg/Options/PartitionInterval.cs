namespace StreamingPg;

/// <summary>How much time one partition of a table holds.</summary>
public enum PartitionInterval
{
    /// <summary>A day, from midnight UTC.</summary>
    Day,

    /// <summary>A week, from Monday.</summary>
    Week,

    /// <summary>A calendar month.</summary>
    Month,
}
