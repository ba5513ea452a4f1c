namespace StreamingPg.Cli.Infrastructure;

/// <summary>A metadata document that was saved.</summary>
/// <param name="Path">The file.</param>
/// <param name="Tables">The tables it describes.</param>
internal sealed record SavedMetadata(string Path, IReadOnlyList<string> Tables);
