using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>What the statements that look for rows to refer to have in common.</summary>
internal static class ParentSql
{
    /// <summary>All columns of a table.</summary>
    public static string Columns(string alias, TableModel table) =>
        string.Join(", ", table.Columns.Select(column =>
            ServerValue.SelectSql(column.Type, $"{alias}.{Identifier.Quote(column.Name)}") + $" AS {Identifier.Quote(column.Name)}"));

    /// <summary>Some columns, in brackets.</summary>
    public static string Tuple(string alias, IReadOnlyList<string> columns) =>
        $"({string.Join(", ", columns.Select(column => $"{alias}.{Identifier.Quote(column)}"))})";

    /// <summary>Array parameters with values of some columns, the first of them $1.</summary>
    public static string Arrays(string schema, TableModel table, IReadOnlyList<string> columns) =>
        string.Join(", ", columns.Select((column, index) =>
            ColumnSql.ArrayParameter(schema, ComparableKey.TypeOf(table.Column(column).Type), index + 1)));

    /// <summary>The condition that a row may be referred to.</summary>
    /// <param name="table">Its table.</param>
    /// <param name="alias">Its alias in the query, or null.</param>
    /// <param name="parameter">Number of the parameter that is the reference time; it is used in any case, so that every kind of table
    /// takes the same parameters.</param>
    public static string NotAfter(TableModel table, string? alias, int parameter)
    {
        var time = RowTimestamp.Of(table);
        if (time is null)
        {
            return $"${parameter}::timestamp IS NOT NULL";
        }

        var name = alias is null ? Identifier.Quote(time.Name) : $"{alias}.{Identifier.Quote(time.Name)}";
        var reference = time.Type.Kind == ColumnKind.TimestampTz ? $"(${parameter}::timestamp AT TIME ZONE 'UTC')" : $"${parameter}";
        return $"({name} <= {reference} OR {name} IS NULL)";
    }

    /// <summary>The values of a row that has the columns of a table.</summary>
    public static object?[] Values(TableModel table, NpgsqlDataReader row)
    {
        var values = new object?[table.Columns.Count];
        for (var column = 0; column < values.Length; column++)
        {
            values[column] = Value(table, column, row);
        }

        return values;
    }

    private static object? Value(TableModel table, int column, NpgsqlDataReader row)
    {
        try
        {
            return ServerValue.Read(row, column, table.Columns[column].Type);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException or InvalidCastException)
        {
            var (name, type) = (table.Columns[column].Name, table.Columns[column].Type.ToSql());
            throw new StreamingException(
                ErrorIds.ValueNotRead,
                StreamingErrorKind.SchemaMismatch,
                $"A value of \"{table.Name}\".\"{name}\" ({type}), a possible parent of new rows, cannot be read: {exception.Message}",
                "Change the value (such as a time before the year 1), or remove the column from the metadata if nothing refers to it.",
                $"{table.Name}.{name}",
                exception);
        }
    }
}
