using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>Turns rows in PostgreSQL's binary format into the text of a file. Columns that are left to the server are not written.</summary>
/// <remarks>Safe for several threads at once: it keeps nothing of the rows.</remarks>
internal abstract class RowFormatter
{
    /// <summary>A formatter for the rows of a table.</summary>
    protected RowFormatter(TableModel table)
    {
        Table = table;
        Columns = [.. table.WrittenColumns];
    }

    /// <summary>The table.</summary>
    protected TableModel Table { get; }

    /// <summary>The columns that are written.</summary>
    protected ColumnModel[] Columns { get; }

    /// <summary>The formatter of a format.</summary>
    public static RowFormatter Of(TableModel table, ExportFormat format) => format switch
    {
        ExportFormat.Jsonl => new JsonFormatter(table),
        ExportFormat.Copy => new CopyFormatter(table),
        ExportFormat.Sql => new SqlFormatter(table),
        _ => new CsvFormatter(table),
    };

    /// <summary>Appends what a file begins with.</summary>
    public virtual void Begin(TextBuffer output)
    {
    }

    /// <summary>Appends some rows of a block.</summary>
    /// <param name="output">Gets the text.</param>
    /// <param name="block">The rows.</param>
    /// <param name="skip">Rows of the block to leave out before.</param>
    /// <param name="take">Rows to append.</param>
    public void Append(TextBuffer output, RowBlock block, int skip, int take)
    {
        var reader = new RowReader(block);
        while (skip-- > 0)
        {
            reader.SkipRow();
        }

        BeginRows(output);
        for (var row = 0; row < take && reader.NextRow(); row++)
        {
            AppendRow(output, ref reader, isFirst: row == 0);
        }

        EndRows(output);
    }

    /// <summary>Appends what stands before the rows of a block.</summary>
    protected virtual void BeginRows(TextBuffer output)
    {
    }

    /// <summary>Appends a row.</summary>
    protected abstract void AppendRow(TextBuffer output, ref RowReader reader, bool isFirst);

    /// <summary>Appends what stands after the rows of a block.</summary>
    protected virtual void EndRows(TextBuffer output)
    {
    }
}
