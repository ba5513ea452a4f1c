using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>NULL for a share of the rows.</summary>
internal sealed class NullableColumn(Parents.ParentPicker missing, ColumnGenerator values) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row)
    {
        if (missing.Pick(row) == Parents.ParentPicker.None)
        {
            writer.WriteNull();
        }
        else
        {
            values.Write(writer, row);
        }
    }
}
