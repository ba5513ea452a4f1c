using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>NULL for a share of the rows.</summary>
internal sealed class NullableColumn(ParentPicker missing, ColumnGenerator values) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row)
    {
        if (missing.Pick(row) == ParentPicker.None)
        {
            writer.WriteNull();
        }
        else
        {
            values.Write(writer, row);
        }
    }
}
