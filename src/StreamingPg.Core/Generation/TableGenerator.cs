using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Parents;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Makes the rows of one table, straight into the binary COPY format.</summary>
/// <remarks>Not safe for several threads at once: each part of a batch has its own.</remarks>
internal sealed class TableGenerator
{
    // A block is left when less than this is free, so that it hardly ever has to grow.
    private const int BlockMargin = 2048;

    private readonly Dictionary<ForeignKeyModel, ParentPicker> _parents = [];

    public TableGenerator(TableModel table, ExistingRows? existing)
    {
        Table = table;
        Existing = existing;
        Columns = new ColumnGenerator[table.Columns.Count];
        TimeColumnIndex = IndexOf(table, column => column.Type.Kind == ColumnKind.Timestamp);
    }

    public TableModel Table { get; }

    /// <summary>Rows that were there before and may be referred to.</summary>
    public ExistingRows? Existing { get; }

    /// <summary>One generator per column, in the order of the table.</summary>
    public ColumnGenerator[] Columns { get; }

    /// <summary>The column that tells when a row came about (the first timestamp), or -1.</summary>
    public int TimeColumnIndex { get; }

    /// <summary>The generator of a column, when it is of that type.</summary>
    public TColumn? Column<TColumn>(string name)
        where TColumn : ColumnGenerator
    {
        var index = IndexOf(Table, column => column.Name == name);
        return index < 0 ? null : Columns[index] as TColumn;
    }

    /// <summary>Says how parents are picked for a foreign key.</summary>
    public void SetParents(ForeignKeyModel foreignKey, ParentPicker picker) => _parents[foreignKey] = picker;

    /// <summary>True when there are parents that a foreign key can refer to.</summary>
    public bool HasParents(ForeignKeyModel foreignKey) => _parents.ContainsKey(foreignKey);

    /// <summary>How parents are picked for a foreign key.</summary>
    public ParentPicker Parents(ForeignKeyModel foreignKey) => _parents[foreignKey];

    /// <summary>Writes a column's value of a row of this batch, or of an existing row (see <see cref="ParentPicker"/>).</summary>
    public void WriteValue(RowWriter writer, long reference, int column)
    {
        if (reference >= 0)
        {
            Columns[column].Write(writer, reference);
        }
        else
        {
            Existing!.CopyField(writer, (int)~reference, column);
        }
    }

    /// <summary>When a row came about, microseconds since 2000-01-01; null when it is not known.</summary>
    public long? TimeOf(long reference)
    {
        if (TimeColumnIndex < 0)
        {
            return null;
        }

        return reference < 0
            ? Existing!.Time((int)~reference, TimeColumnIndex)
            : (Columns[TimeColumnIndex] as TimeColumn)?.At(reference);
    }

    /// <summary>Writes rows from <paramref name="from"/> on until the block is full or <paramref name="to"/> is reached.</summary>
    /// <returns>The row after the last one written.</returns>
    public long Fill(RowWriter writer, long from, long to)
    {
        var limit = writer.Block.Buffer.Length - BlockMargin;
        var row = from;
        while (row < to && writer.Position < limit)
        {
            writer.BeginRow(Columns.Length);
            foreach (var column in Columns)
            {
                column.Write(writer, row);
            }

            writer.EndRow();
            row++;
        }

        return row;
    }

    private static int IndexOf(TableModel table, Func<ColumnModel, bool> matches)
    {
        for (var index = 0; index < table.Columns.Count; index++)
        {
            if (matches(table.Columns[index]))
            {
                return index;
            }
        }

        return -1;
    }
}
