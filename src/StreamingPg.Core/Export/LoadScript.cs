using System.Text;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>The script beside exported files that loads them, parents first.</summary>
internal static class LoadScript
{
    /// <summary>The name of the script.</summary>
    public const string FileName = "load.sql";

    private const string Lines = "pg_temp.streamingpg_lines";

    /// <summary>The script; null for Parquet, which PostgreSQL does not read.</summary>
    /// <param name="tables">The tables, parents first.</param>
    /// <param name="files">Their files.</param>
    /// <param name="options">How they were written.</param>
    /// <param name="schema">The schema to load into.</param>
    /// <param name="sequenced">The tables with a sequence, which goes on after the rows.</param>
    public static string? For(
        IReadOnlyList<TableModel> tables, IReadOnlyList<ExportedFile> files, ExportOptions options, string schema, IReadOnlySet<string> sequenced)
    {
        if (options.Format == ExportFormat.Parquet)
        {
            return null;
        }

        var script = new StringBuilder();
        Begin(script, tables, options, schema);
        foreach (var file in files)
        {
            script.Append(Load(tables.First(table => table.Name == file.Table), Path.GetFileName(file.Path), options)).Append('\n');
        }

        End(script, tables.Where(table => sequenced.Contains(table.Name)));
        return script.ToString();
    }

    private static void Begin(StringBuilder script, IReadOnlyList<TableModel> tables, ExportOptions options, string schema)
    {
        script.Append($"""
            -- Loads the files beside it into existing tables (streamingpg init). Run it in this folder: psql -f load.sql
            \set ON_ERROR_STOP on
            BEGIN;
            SET LOCAL search_path = {Identifier.Quote(schema)};

            """.ReplaceLineEndings("\n"));
        if (tables.Any(table => table.ForeignKeys.Any(key => key.IsLoadedLater && (key.ParentTable != table.Name || options.RowsPerFile is not null))))
        {
            script.Append("-- Some rows refer to later ones. This setting needs a superuser, or a role that it was granted to; check the keys afterwards.\n");
            script.Append("SET LOCAL session_replication_role = replica;\n");
        }

        if (options.Format == ExportFormat.Jsonl)
        {
            script.Append($"CREATE TEMPORARY TABLE {Lines[(Lines.IndexOf('.', StringComparison.Ordinal) + 1)..]} (value jsonb) ON COMMIT DROP;\n");
        }
    }

    private static void End(StringBuilder script, IEnumerable<TableModel> sequenced)
    {
        foreach (var table in sequenced)
        {
            var (column, name) = (Identifier.Quote(table.SequenceColumn!.Name), Identifier.Quote(table.Name));
            script.Append(
                $"SELECT setval(pg_get_serial_sequence({Identifier.Literal(name)}, {Identifier.Literal(table.SequenceColumn.Name)}), max({column})) "
                + $"FROM {name} HAVING max({column}) IS NOT NULL;\n");
        }

        script.Append("COMMIT;\n");
    }

    private static string Load(TableModel table, string file, ExportOptions options)
    {
        var program = Unpack(options);
        if (options.Format == ExportFormat.Sql)
        {
            // psql includes no packed file: it is unpacked beside, and removed afterwards.
            var unpacked = file + ".unpacked";
            return program is null
                ? $"\\i {Identifier.Literal(file)}"
                : $"\\! {program} {ShellQuote(file)} > {ShellQuote(unpacked)}\n\\i {Identifier.Literal(unpacked)}\n\\! rm {ShellQuote(unpacked)}";
        }

        var source = program is null ? Identifier.Literal(file) : $"PROGRAM {Identifier.Literal($"{program} {ShellQuote(file)}")}";
        var (name, columns) = (Identifier.Quote(table.Name), Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name)));
        return options.Format switch
        {
            ExportFormat.Csv => $"\\copy {name} ({columns}) FROM {source} WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')",
            ExportFormat.Copy => $"\\copy {name} ({columns}) FROM {source} WITH (FORMAT text, ENCODING 'UTF8')",

            // JSON has neither of these control characters as they are: each line is one value.
            _ => $"""
                \copy {Lines} FROM {source} WITH (FORMAT csv, QUOTE e'\x01', DELIMITER e'\x02', ENCODING 'UTF8')
                INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE
                SELECT {string.Join(", ", table.WrittenColumns.Select(JsonValue))} FROM {Lines}, jsonb_populate_record(NULL::{name}, value) AS row;
                TRUNCATE {Lines};
                """.ReplaceLineEndings("\n"),
        };
    }

    /// <summary>A column of a row out of its JSON, in which JSON itself is text.</summary>
    private static string JsonValue(ColumnModel column)
    {
        var name = Identifier.Literal(column.Name);
        return column.Type switch
        {
            { Kind: ColumnKind.Json or ColumnKind.Jsonb } => $"(value ->> {name})::{column.Type.ToSql()}",
            { Element: { Kind: ColumnKind.Json or ColumnKind.Jsonb } element } =>
                $"CASE WHEN jsonb_typeof(value -> {name}) = 'array' THEN ARRAY(SELECT item::{element.ToSql()} "
                + $"FROM jsonb_array_elements_text(value -> {name}) WITH ORDINALITY AS items (item, place) ORDER BY place) END",
            _ => $"row.{Identifier.Quote(column.Name)}",
        };
    }

    private static string? Unpack(ExportOptions options) => options.Compression switch
    {
        ExportCompression.Gzip => "gzip -dc",
        ExportCompression.Zstd => "zstd -dc",
        _ => null,
    };

    private static string ShellQuote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
