using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Makes the values of one column.</summary>
internal abstract class ColumnGenerator
{
    /// <summary>Writes the value of a row.</summary>
    public abstract void Write(RowWriter writer, long row);
}
