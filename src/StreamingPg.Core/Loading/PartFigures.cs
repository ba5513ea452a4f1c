namespace StreamingPg.Core.Loading;

/// <summary>Where the time of a part went.</summary>
/// <param name="Generate">Making rows.</param>
/// <param name="Load">Sending rows and waiting for the server.</param>
/// <param name="Verify">Proving the new rows.</param>
/// <param name="Commit">The commit.</param>
internal readonly record struct PartFigures(TimeSpan Generate, TimeSpan Load, TimeSpan Verify, TimeSpan Commit)
{
    public static PartFigures operator +(PartFigures one, PartFigures other) => new(
        one.Generate + other.Generate, one.Load + other.Load, one.Verify + other.Verify, one.Commit + other.Commit);
}
