namespace StreamingPg.Core.Catalog;

/// <summary>An enum or a domain of a schema in the database.</summary>
/// <param name="Name">Name.</param>
/// <param name="Labels">The values of an enum in their order; empty for anything else.</param>
/// <param name="BaseType">What a domain is over, as format_type spells it; null for anything else.</param>
internal sealed record LiveType(string Name, IReadOnlyList<string> Labels, string? BaseType);
