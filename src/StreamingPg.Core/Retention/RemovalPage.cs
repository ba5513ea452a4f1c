namespace StreamingPg.Core.Retention;

/// <summary>A stretch of a table.</summary>
/// <param name="After">The place it begins after; null for the first one.</param>
/// <param name="End">The place it ends with.</param>
/// <param name="Old">Old rows in it.</param>
internal sealed record RemovalPage(string[]? After, string[] End, long Old);
