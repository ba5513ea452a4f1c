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
        var column = RowTimestamp.Of(table) ?? throw new StreamingException(
            ErrorIds.NoTimeColumn,
            StreamingErrorKind.InvalidInput,
            $"Table \"{table.Name}\" has no row timestamp (TIMESTAMP or TIMESTAMPTZ), which since and until need.",
            "Omit them to count all rows.",
            table.Name);
        var time = $"{alias}.{Identifier.Quote(column.Name)}";
        return column.Type.Kind == ColumnKind.TimestampTz ? TimeRange.Holds(time) : TimeRange.HoldsUtc(time);
    }
}
