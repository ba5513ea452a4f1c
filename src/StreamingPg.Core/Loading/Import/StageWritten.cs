namespace StreamingPg.Core.Loading.Import;

/// <summary>What the server did with rows of a <see cref="Stage"/>.</summary>
/// <param name="Inserted">Rows that are new.</param>
/// <param name="Updated">Rows that changed one that was there.</param>
/// <param name="HighestKey">The highest value of the sequence column among them; null without rows or sequence.</param>
internal readonly record struct StageWritten(long Inserted, long Updated, long? HighestKey)
{
    public static StageWritten operator +(StageWritten left, StageWritten right) => new(
        left.Inserted + right.Inserted,
        left.Updated + right.Updated,
        left.HighestKey > right.HighestKey ? left.HighestKey : right.HighestKey ?? left.HighestKey);
}
