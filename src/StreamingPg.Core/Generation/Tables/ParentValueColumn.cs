using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>The value of a column of the row's parent: its key, or what the parent itself refers to.</summary>
internal sealed class ParentValueColumn(ParentValue source) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) => source.Write(writer, source.Picker.Pick(row));
}
