using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Tables;
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

    /// <summary>True when values of a column can go as an array: those that are arrays themselves, or that only the server reads, cannot.</summary>
    public static bool CanBeInArray(ColumnModel column) => column.Type is { IsLiteral: false, Element: null };

    /// <summary>The condition that some columns have the values of one of some existing rows.</summary>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="alias">The row.</param>
    /// <param name="columns">The columns of the existing rows, which are those of <paramref name="alias"/>.</param>
    /// <param name="rows">The existing rows.</param>
    /// <param name="numbers">Which of them.</param>
    /// <param name="parameters">Gets their values.</param>
    public static string Among(
        string schema, string alias, IReadOnlyList<string> columns, ExistingRows rows, IEnumerable<int> numbers, List<NpgsqlParameter> parameters)
    {
        var arrays = Arrays(schema, columns, rows, [.. numbers], parameters);
        return columns.Count == 1
            ? $"{alias}.{Identifier.Quote(columns[0])} = ANY ({arrays})"
            : $"{Tuple(alias, columns)} IN (SELECT * FROM unnest({arrays}))";
    }

    /// <summary>Array parameters with the values of some columns of existing rows.</summary>
    public static string Arrays(
        string schema, IReadOnlyList<string> columns, ExistingRows rows, IReadOnlyCollection<int> numbers, List<NpgsqlParameter> parameters)
    {
        var arrays = new List<string>();
        foreach (var place in columns.Select(rows.Table.IndexOf))
        {
            var own = rows.Table.Columns[place].Type;
            var type = ComparableKey.TypeOf(own);
            parameters.Add(ServerValue.Array(type, [.. numbers.Select(row => ComparableKey.Value(own, rows.Value(row, place)))]));
            arrays.Add(ColumnSql.ArrayParameter(schema, type, parameters.Count));
        }

        return string.Join(", ", arrays);
    }

    /// <summary>
    /// The condition that new rows may refer to a row: it is not after the reference time, and has the parents that every row should have, by
    /// the metadata; without one it agrees with no child.
    /// </summary>
    /// <param name="table">Its table.</param>
    /// <param name="alias">Its alias in the query, or null.</param>
    /// <param name="parameter">Number of the parameter that is the reference time; it is used in any case, so that every kind of table
    /// takes the same parameters.</param>
    public static string MayHaveChildren(TableModel table, string? alias, int parameter)
    {
        string Name(ColumnModel column) => alias is null ? Identifier.Quote(column.Name) : $"{alias}.{Identifier.Quote(column.Name)}";
        var conditions = table.Columns.Where(column => IsRequired(table, column)).Select(column => $"{Name(column)} IS NOT NULL").ToList();

        // What is called the time of its rows in a table that nobody described, a trigger may set to now.
        if (!table.IsAsFound && RowTimestamp.Of(table) is { } time)
        {
            var reference = time.Type.Kind == ColumnKind.TimestampTz ? $"(${parameter}::timestamp AT TIME ZONE 'UTC')" : $"${parameter}";
            conditions.Add($"({Name(time)} <= {reference} OR {Name(time)} IS NULL)");
        }
        else
        {
            conditions.Add($"${parameter}::timestamp IS NOT NULL");
        }

        return string.Join(" AND ", conditions);
    }

    // The first rows of a tree have no parent; whose metadata does not say that NULL is allowed may still have such rows.
    private static bool IsRequired(TableModel table, ColumnModel column) => column.IsNullable != true
        && table.ForeignKeys.Any(key => key.Columns.Contains(column.Name) && (column.IsNullable == false || key.ParentTable != table.Name));

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
