namespace StreamingPg.Core.Generation.Random;

/// <summary>Rows <see cref="From"/> up to, but not including, <see cref="To"/> of a table in a batch.</summary>
/// <param name="From">Index of the first row.</param>
/// <param name="To">Index after the last row.</param>
internal readonly record struct RowRange(long From, long To)
{
    /// <summary>Number of rows.</summary>
    public long Count => To - From;
}
