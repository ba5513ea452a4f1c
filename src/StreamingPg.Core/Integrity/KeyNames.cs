using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>How keys are written in the names of checks and in samples.</summary>
internal static class KeyNames
{
    /// <summary><c>transactions.user_id</c>, or <c>lines.(tenant, id)</c>.</summary>
    public static string Of(string table, IReadOnlyList<string> columns) =>
        columns.Count == 1 ? $"{table}.{columns[0]}" : $"{table}.({string.Join(", ", columns)})";

    /// <summary><c>transactions.user_id -> users.user_id</c></summary>
    public static string Of(TableModel table, ForeignKeyModel key) =>
        $"{Of(table.Name, key.Columns)} -> {Of(key.ParentTable, key.ParentColumns)}";

    /// <summary>SQL that gives a row's key as text, such as <c>7</c> or <c>7, null</c>.</summary>
    public static string TextSql(string alias, IEnumerable<string> columns) =>
        $"concat_ws(', ', {string.Join(", ", columns.Select(column => $"coalesce({alias}.{Identifier.Quote(column)}::text, 'null')"))})";
}
