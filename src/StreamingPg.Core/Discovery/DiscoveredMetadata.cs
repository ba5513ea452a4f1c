namespace StreamingPg.Core.Discovery;

/// <summary>A live schema as metadata.</summary>
/// <param name="Json">The document, as it can be saved, edited and given to any command that takes metadata.</param>
/// <param name="Tables">The tables it describes.</param>
/// <param name="Notes">What was left out, or cannot be promised, each with its place and its remedy.</param>
internal sealed record DiscoveredMetadata(string Json, IReadOnlyList<string> Tables, IReadOnlyList<DiscoveryNote> Notes);
