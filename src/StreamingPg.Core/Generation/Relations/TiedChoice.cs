namespace StreamingPg.Core.Generation.Relations;

/// <summary>The parents of a row as they are being chosen, a key after the other.</summary>
/// <param name="keys">Number of keys.</param>
internal sealed class TiedChoice(int keys)
{
    /// <summary>Numbers of the parents among those to choose from; -1 where they are not chosen.</summary>
    public long[] Candidates { get; } = new long[keys];

    /// <summary>The parents.</summary>
    public long[] Parents { get; } = new long[keys];
}
