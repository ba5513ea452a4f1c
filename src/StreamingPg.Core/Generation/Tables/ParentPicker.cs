namespace StreamingPg.Core.Generation.Tables;

/// <summary>Says which parent a row refers to by one of its foreign keys.</summary>
/// <remarks>A parent is a number: 0 and up is a row of this batch by its index; -1 and down is <c>~index</c> of an existing
/// row; <see cref="None"/> is no row at all.</remarks>
internal abstract class ParentPicker
{
    /// <summary>The row refers to nothing.</summary>
    public const long None = long.MinValue;

    /// <summary>The parent of a row.</summary>
    public abstract long Pick(long row);
}
