using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>Pieces of the statements that look for rows to refer to.</summary>
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
}
