using StreamingPg.Core.Model;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;

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

/// <summary>The way from the rows of a table to their parents by a foreign key.</summary>
/// <param name="child">The table.</param>
/// <param name="key">The foreign key.</param>
internal sealed class ParentLink(TableGenerator child, ForeignKeyModel key)
{
    private ParentLink? _ofFirstChunk;

    /// <summary>Picks the parents of new rows; null when there are none.</summary>
    public ParentPicker? Picker { get; set; }

    /// <summary>The table that is referred to; null when there are no parents.</summary>
    public TableGenerator? Table { get; set; }

    /// <summary>The parent of a row of this batch or of an existing one; of the latter only where the parent was read too.</summary>
    public long ParentOf(long reference)
    {
        if (Picker is null)
        {
            return ParentPicker.None;
        }

        if (reference >= 0)
        {
            return child.FirstChunkOf(reference) is { } first ? (_ofFirstChunk ??= first.Link(key)).ParentOf(reference) : Picker.Pick(reference);
        }

        return Table!.Existing?.Find(child.Existing!, (int)~reference, key) is { } found ? ~(long)found : ParentPicker.None;
    }
}

/// <summary>The value of a column of the row's parent: its key, or what the parent itself refers to.</summary>
internal sealed class ParentValueColumn(ParentValue source) : ColumnGenerator
{
    public override void Write(RowWriter writer, long row) => source.Write(writer, source.Picker.Pick(row));
}

/// <summary>A referring column whose reference may be missing, or that belongs to several: the value of the first that is there.</summary>
/// <param name="sources">The parents that the value may come from.</param>
/// <param name="otherwise">Makes the value where no parent is there; null for NULL.</param>
internal sealed class FirstValueColumn(ParentValue[] sources, ColumnGenerator? otherwise) : ColumnGenerator
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
