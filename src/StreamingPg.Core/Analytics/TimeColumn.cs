using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Analytics;

/// <summary>The column that says when a row came to be (<see cref="RowTimestamp"/>).</summary>
internal static class TimeColumn
{
    /// <summary>SQL that is true for a row within a <see cref="TimeRange"/>, whose parameters come first.</summary>
    /// <exception cref="StreamingException">The table has no such column.</exception>
    public static string Holds(TableModel table, string alias)
    {
        var column = Require(table, "since and until");
        var time = $"{alias}.{Identifier.Quote(column.Name)}";
        return column.Type.Kind == ColumnKind.TimestampTz ? TimeRange.Holds(time) : TimeRange.HoldsUtc(time);
    }

    /// <summary>The column of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="purpose">What needs it.</param>
    /// <exception cref="StreamingException">The table has no such column.</exception>
    public static ColumnModel Require(TableModel table, string purpose) => RowTimestamp.Of(table) ?? throw new StreamingException(
        ErrorIds.NoTimeColumn,
        StreamingErrorKind.InvalidInput,
        $"Table \"{table.Name}\" has no row timestamp (TIMESTAMP or TIMESTAMPTZ), which {purpose} need.",
        purpose.StartsWith("since", StringComparison.Ordinal) ? "Omit them to count all rows." : "Choose another table.",
        table.Name);
}
