using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>A column of a row's parent.</summary>
/// <param name="Picker">Says the parent.</param>
/// <param name="Parent">Its table.</param>
/// <param name="Column">Place of the column.</param>
/// <param name="Conversion">Makes its values those of the referring column; null where they are so already.</param>
/// <param name="MayBeMissing">True when some rows have no such parent.</param>
internal readonly record struct ParentValue(
    ParentPicker Picker, TableGenerator Parent, int Column, ReferenceConversion? Conversion, bool MayBeMissing)
{
    /// <summary>Writes the value that a parent has.</summary>
    public void Write(RowWriter writer, long parent)
    {
        var start = writer.Position;
        Parent.WriteValue(writer, parent, Column);
        Conversion?.Apply(writer, start);
    }
}
