using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Rows of one shape, one after the other in a block.</summary>
/// <param name="Bytes">The rows in the binary COPY format.</param>
/// <param name="Rows">How many.</param>
/// <param name="Given">Columns that the input has; null means all.</param>
internal readonly record struct RowSlice(ReadOnlyMemory<byte> Bytes, int Rows, ColumnSet? Given)
{
    /// <summary>The first rows and the others.</summary>
    public (RowSlice First, RowSlice Second) Split(int rows)
    {
        var reader = new RowReader(Bytes.Span);
        for (var row = 0; row < rows; row++)
        {
            reader.SkipRow();
        }

        return (
            new RowSlice(Bytes[..reader.Position], rows, Given),
            new RowSlice(Bytes[reader.Position..], Rows - rows, Given));
    }
}
