namespace StreamingPg.Core.Generation.Relations;

/// <summary>The rows that a part may choose a parent from.</summary>
/// <param name="New">Rows of the batch.</param>
/// <param name="Existing">Number of rows that were there before.</param>
/// <param name="ExistingOfPart">Those of them that a part keeps to when nothing but chance decides.</param>
/// <param name="IsOwn">True when no other part chooses from the new rows.</param>
internal readonly record struct ParentChoice(RowRange New, int Existing, RowRange ExistingOfPart, bool IsOwn)
{
    /// <summary>Number of rows.</summary>
    public long Count => New.Count + Existing;

    /// <summary>The reference of a row by its number, the new ones first.</summary>
    public long At(long index) => index < New.Count ? New.From + index : ~(index - New.Count);
}
