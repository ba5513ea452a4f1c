using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>The rows that a chunk may choose a parent from.</summary>
/// <param name="New">Rows of the batch.</param>
/// <param name="Existing">Number of rows that were there before.</param>
/// <param name="ExistingOfChunk">Those of them that a chunk keeps to when nothing but chance decides.</param>
/// <param name="IsOwn">True when no other chunk chooses from the new rows.</param>
internal readonly record struct ParentChoice(RowRange New, int Existing, RowRange ExistingOfChunk, bool IsOwn)
{
    /// <summary>Number of rows.</summary>
    public long Count => New.Count + Existing;

    /// <summary>Maximum rows that one batch chooses from among those that were there before: more would only cost time.</summary>
    public const int MaxExisting = 1000;

    // On average, where there is no lack of rows.
    private const double ReferencesEach = 4;

    /// <summary>
    /// The share of references that go to rows that were there before: the one requested. Where such rows are few, less: one row must
    /// not get half of all references because no other is old enough. All of them go there if there is no other choice, or if all
    /// were requested.
    /// </summary>
    /// <param name="asked">The share requested.</param>
    /// <param name="rows">Rows of the batch that refer, those of all chunks.</param>
    public double ExistingShare(double asked, long rows) =>
        Existing == 0 ? 0 : New.Count == 0 ? 1 : ExistingShare(asked, rows, Existing);

    /// <inheritdoc cref="ExistingShare(double, long)"/>
    public static double ExistingShare(double asked, long rows, int existing)
    {
        var enough = Math.Min(MaxExisting / 2.0, rows * asked / ReferencesEach);
        return asked >= 1 || existing >= enough ? asked : asked * existing / enough;
    }

    /// <summary>The reference of a row by its number, the new ones first.</summary>
    public long At(long index) => index < New.Count ? New.From + index : ~(index - New.Count);
}
