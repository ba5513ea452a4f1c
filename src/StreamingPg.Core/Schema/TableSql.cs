using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>The statements that create a table of the model and what belongs to it.</summary>
internal static class TableSql
{
    public static IReadOnlyList<string> CreateTable(string schema, TableModel table)
    {
        var name = Identifier.Quote(schema, table.Name);
        var lines = table.Columns
            .Select(column => $"    {ColumnSql.Define(schema, table, column)}")
            .Concat(table.PrimaryKey.Count == 0 ? [] : [$"    PRIMARY KEY ({Identifier.QuoteList(StoredKeys.PrimaryKey(table))})"])
            .Concat(table.UniqueKeys.Select(columns => $"    UNIQUE ({Identifier.QuoteList(StoredKeys.Unique(table, columns))})"))
            .Concat(table.Checks.Select(check =>
                $"    {(check.Name is null ? "" : $"CONSTRAINT {Identifier.Quote(check.Name)} ")}CHECK {ColumnSql.InBrackets(OwnTypes.Qualify(schema, check.Expression, table.Columns.Select(column => column.Type)))}"));
        var statements = new List<string> { $"CREATE TABLE {name} (\n{string.Join(",\n", lines)}\n){LayoutSql.PartitionBy(table)}" };
        if (table.Description is not null)
        {
            statements.Add($"COMMENT ON TABLE {name} IS {Identifier.Literal(table.Description)}");
        }

        statements.AddRange(table.Columns
            .Where(column => column.Description is not null)
            .Select(column =>
                $"COMMENT ON COLUMN {name}.{Identifier.Quote(column.Name)} IS {Identifier.Literal(column.Description!)}"));
        return statements;
    }

    public static string AddForeignKey(string schema, string table, string name, ForeignKeyModel key) =>
        $"""
        ALTER TABLE {Identifier.Quote(schema, table)} ADD CONSTRAINT {Identifier.Quote(name)}
            FOREIGN KEY ({Identifier.QuoteList(key.Columns)})
            REFERENCES {Identifier.Quote(schema, key.ParentTable)} ({Identifier.QuoteList(key.ParentColumns)}){(key.IsDeferrable ? " DEFERRABLE" : "")}
        """;

    public static string CreateIndex(
        string schema, string table, string name, IReadOnlyList<string> columns, bool isUnique = false, bool isConcurrent = false) =>
        $"CREATE {(isUnique ? "UNIQUE " : "")}INDEX {(isConcurrent ? "CONCURRENTLY " : "")}{Identifier.Quote(name)} "
        + $"ON {Identifier.Quote(schema, table)} ({Identifier.QuoteList(columns)})";
}
