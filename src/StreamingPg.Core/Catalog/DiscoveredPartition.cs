namespace StreamingPg.Core.Catalog;

/// <summary>A partition that holds rows.</summary>
/// <param name="Name">Name.</param>
/// <param name="Expression">What its rows satisfy; null for a partition that takes all of them.</param>
/// <param name="IsDefault">True when it takes what no other takes.</param>
internal sealed record DiscoveredPartition(string Name, string? Expression, bool IsDefault);
