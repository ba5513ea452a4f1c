using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>A referring column whose reference may be missing, or that belongs to several: the value of the first that is there.</summary>
/// <param name="sources">The parents that the value may come from.</param>
/// <param name="otherwise">Makes the value where no parent is there; null for NULL.</param>
internal sealed class FirstValueColumn(IReadOnlyList<ParentValue> sources, ColumnGenerator? otherwise) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row)
    {
        foreach (var source in sources)
        {
            var parent = source.Picker.Pick(row);
            if (parent != ParentPicker.None && !(parent == row && source.Parent.Columns[source.Column] == this))
            {
                var start = writer.Position;
                source.Write(writer, parent);
                if (!writer.IsNullAt(start))
                {
                    return;
                }

                writer.Return(start);
            }
        }

        if (otherwise is null)
        {
            writer.WriteNull();
        }
        else
        {
            otherwise.Write(writer, row);
        }
    }
}
