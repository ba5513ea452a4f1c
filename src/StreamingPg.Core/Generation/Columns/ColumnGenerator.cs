using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Makes the values of one column.</summary>
internal abstract class ColumnGenerator
{
    /// <summary>True when no two rows of a table ever have the same value, those of other batches included.</summary>
    public virtual bool IsUnique => false;

    /// <summary>Writes the value of a row.</summary>
    public abstract void Write(RowWriter writer, long row);
}
