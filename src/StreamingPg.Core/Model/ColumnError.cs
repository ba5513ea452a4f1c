
namespace StreamingPg.Core.Model;

/// <summary>Makes the error for a column whose values cannot be made as metadata asks.</summary>
internal static class ColumnError
{
    public static StreamingException At(TableModel table, ColumnModel column, FormatException exception) => new(
        "ColumnNotGenerated",
        StreamingErrorKind.InvalidMetadata,
        $"The values of \"{table.Name}\".\"{column.Name}\" cannot be made: {exception.Message}.",
        "Change what metadata says of the column.",
        $"{table.Name}.{column.Name}",
        exception);
}
