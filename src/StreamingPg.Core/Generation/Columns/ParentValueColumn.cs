using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Parents;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The value of a column of the row's parent: its key, or what the parent itself refers to.</summary>
internal sealed class ParentValueColumn(ParentPicker picker, TableGenerator parent, int parentColumn) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) => parent.WriteValue(writer, picker.Pick(row), parentColumn);
}
