namespace StreamingPg.Bench;

/// <summary>What the user asked for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Rows of the table to measure.</summary>
    public required IReadOnlyCollection<int> Rows { get; init; }

    /// <summary>True for small sizes.</summary>
    public required bool IsQuick { get; init; }

    /// <summary>Rows of the tables that have grown, or null for what the scale says.</summary>
    public long? GrownRows { get; init; }

    /// <summary>Folder below which the throw-away server is made.</summary>
    public required string Folder { get; init; }

    /// <summary>The sizes.</summary>
    public BenchScale Scale
    {
        get
        {
            var scale = IsQuick ? BenchScale.Quick : BenchScale.Full;
            return GrownRows is { } rows ? scale with { GrownRows = rows } : scale;
        }
    }
}
