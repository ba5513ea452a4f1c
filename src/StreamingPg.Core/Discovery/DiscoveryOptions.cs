namespace StreamingPg.Core.Discovery;

/// <summary>What is read of a live schema.</summary>
internal sealed record DiscoveryOptions
{
    /// <summary>The tables to describe, to which their parents are added; empty for all.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>True to take over how the data that are there are distributed.</summary>
    public bool LearnFrom { get; init; }

    /// <summary>Metadata that says which columns are sensitive, or null.</summary>
    public Model.StreamModel? Sensitive { get; init; }
}
