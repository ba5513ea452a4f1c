using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>NULL in every row: a reference that is set when the row it refers to is there.</summary>
internal sealed class NullColumn : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) => writer.WriteNull();
}
