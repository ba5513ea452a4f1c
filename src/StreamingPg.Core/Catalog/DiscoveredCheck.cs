namespace StreamingPg.Core.Catalog;

/// <summary>A CHECK constraint of a live table.</summary>
/// <param name="Name">Name.</param>
/// <param name="Expression">Its expression.</param>
/// <param name="IsExclusion">True for EXCLUDE, which compares rows with each other.</param>
internal sealed record DiscoveredCheck(string Name, string Expression, bool IsExclusion);
