namespace StreamingPg.Core.Catalog;

/// <summary>The sequence behind a column, as it stood when it was read.</summary>
/// <param name="Schema">Schema of the sequence.</param>
/// <param name="Name">Name of the sequence.</param>
/// <param name="LastValue">The value it gave last, or will give next if it has not been called.</param>
/// <param name="IsCalled">True when <paramref name="LastValue"/> has been given.</param>
/// <param name="MaxValue">The largest value that both the sequence can give and its column can hold (the smallest, when it counts down).</param>
/// <param name="Increment">From one value to the next; negative when it counts down.</param>
internal sealed record SequenceState(
    string Schema, string Name, long LastValue, bool IsCalled, long MaxValue, long Increment)
{
    /// <summary>The value it will give next.</summary>
    public long NextValue => IsCalled ? LastValue + Increment : LastValue;

    /// <summary>How many values it can still give.</summary>
    public long Remaining
    {
        get
        {
            var used = (IsCalled ? 1 : 0) - 1;
            var remaining = (((Int128)MaxValue - LastValue) / Increment) - used;
            return (long)Int128.Clamp(remaining, 0, long.MaxValue);
        }
    }
}
