
namespace StreamingPg.Core.Model;

/// <summary>Makes the error for a column whose values cannot be made as metadata asks.</summary>
internal static class ColumnError
{
    public static StreamingException At(TableModel table, ColumnModel column, FormatException exception) => new(
        ErrorIds.ColumnNotGenerated,
        StreamingErrorKind.InvalidMetadata,
        $"Values of \"{table.Name}\".\"{column.Name}\" cannot be generated: {exception.Message}.",
        "Change the column in the metadata.",
        $"{table.Name}.{column.Name}",
        exception);
}
