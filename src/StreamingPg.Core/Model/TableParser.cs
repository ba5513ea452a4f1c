using System.Text.Json;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;

namespace StreamingPg.Core.Model;

/// <summary>Reads the tables of a metadata document one by one; what concerns two tables is left to <see cref="ForeignKeyResolver"/>.</summary>
/// <param name="source">Name of the document in errors.</param>
internal sealed class TableParser(string source)
{
    private const int MaxColumns = 1600; // PostgreSQL's limits
    private const int MaxKeyColumns = 32;

    private static readonly string[] TableProperties = ["description", "columns"];
    private static readonly string[] ColumnProperties =
        ["type", "primary_key", "foreign_key", "auto_increment", "description"];

    private static readonly string[] ForeignKeyProperties = ["table", "column"];
    private static readonly string[] SystemColumns = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

    public IReadOnlyList<TableDraft> ParseTables(JsonElement root)
    {
        Expect(root, JsonValueKind.Object, "", "the document", "an object with one property per table");
        var tables = ReadProperties(root, "", "table").Select(table => ParseTable(table.Name, table.Value)).ToList();
        return tables.Count > 0 ? tables : throw Error("", "there is no table", "Describe at least one.");
    }

    private TableDraft ParseTable(string name, JsonElement table)
    {
        CheckName(name, "table", name);
        if (name == LedgerTable.Name)
        {
            throw Error(name, "the name is taken by the ledger of batches", "Choose another name.");
        }

        Expect(table, JsonValueKind.Object, name, "the table", "an object with \"columns\"");
        var properties = ReadKnownProperties(table, name, TableProperties);
        if (!properties.TryGetValue("columns", out var columns))
        {
            throw Error(name, "the table has no \"columns\"");
        }

        Expect(columns, JsonValueKind.Object, name, "\"columns\"", "an object with one property per column");
        var references = new List<ReferenceDraft>();
        var models = ReadProperties(columns, name, "column")
            .Select(column => ParseColumn(name, column.Name, column.Value, references)).ToList();
        var draft = new TableDraft(name, ReadText(properties, "description", name), models, references);
        CheckTable(draft);
        return draft;
    }

    private void CheckTable(TableDraft table)
    {
        if (table.Columns.Count is 0 or > MaxColumns)
        {
            throw Error(table.Name, $"the table has {table.Columns.Count} columns, and it must have 1 to {MaxColumns}");
        }

        if (table.PrimaryKey.Count is 0 or > MaxKeyColumns)
        {
            throw Error(
                table.Name,
                table.PrimaryKey.Count == 0
                    ? "the table has no primary key"
                    : $"the primary key has {table.PrimaryKey.Count} columns, and PostgreSQL takes {MaxKeyColumns}",
                "Mark the column (or the few columns) that tell its rows apart with \"primary_key\": true.");
        }

        var sequenceColumns = table.Columns.Where(column => column.IsAutoIncrement).Select(column => column.Name).ToList();
        if (sequenceColumns.Count > 1)
        {
            throw Error(
                $"{table.Name}.{sequenceColumns[1]}",
                $"it is the second auto_increment column of the table, after \"{sequenceColumns[0]}\"",
                "A table may have one.");
        }
    }

    private ColumnModel ParseColumn(string table, string name, JsonElement column, List<ReferenceDraft> references)
    {
        var place = $"{table}.{name}";
        CheckName(name, "column", place);
        if (SystemColumns.Contains(name, StringComparer.Ordinal))
        {
            throw Error(place, "PostgreSQL keeps this name for a column of its own", "Choose another name.");
        }

        Expect(column, JsonValueKind.Object, place, "the column", "an object with \"type\"");
        var properties = ReadKnownProperties(column, place, ColumnProperties);
        var typeText = ReadText(properties, "type", place) ?? throw Error(place, "the column has no \"type\"");
        if (!ColumnType.TryParse(typeText, out var type, out var reason))
        {
            throw Error(place, reason);
        }

        type = ApplyAutoIncrement(type, ReadFlag(properties, "auto_increment", place), place);
        var model = new ColumnModel(
            name,
            type,
            ReadFlag(properties, "primary_key", place) ?? false,
            IsAutoIncrement: type.Kind == ColumnKind.Serial,
            ReadText(properties, "description", place));
        if (properties.TryGetValue("foreign_key", out var foreignKey))
        {
            references.Add(ParseForeignKey(place, model, foreignKey));
        }

        return model;
    }

    /// <summary>SERIAL is auto_increment by itself, and INTEGER with auto_increment is SERIAL: one thing, one type.</summary>
    private ColumnType ApplyAutoIncrement(ColumnType type, bool? autoIncrement, string place) => (type.Kind, autoIncrement) switch
    {
        (ColumnKind.Serial, false) => throw Error(
            place, "SERIAL takes its values from a sequence, and \"auto_increment\" is false", "Use INTEGER instead."),
        (ColumnKind.Serial, _) or (_, false or null) => type,
        (ColumnKind.Integer, true) => new ColumnType(ColumnKind.Serial),
        _ => throw Error(place, $"auto_increment needs an integer type, and the type is {type.ToSql()}", "Use SERIAL."),
    };

    private ReferenceDraft ParseForeignKey(string place, ColumnModel column, JsonElement foreignKey)
    {
        Expect(foreignKey, JsonValueKind.Object, place, "\"foreign_key\"", "an object with \"table\" and \"column\"");
        var properties = ReadKnownProperties(foreignKey, place, ForeignKeyProperties);
        var parentTable = ReadText(properties, "table", place) ?? throw Error(place, "\"foreign_key\" has no \"table\"");
        var parentColumn = ReadText(properties, "column", place) ?? throw Error(place, "\"foreign_key\" has no \"column\"");
        return column.IsAutoIncrement
            ? throw Error(place, "a SERIAL column cannot refer to another table: a sequence gives its values", "Use INTEGER.")
            : new ReferenceDraft(column, parentTable, parentColumn);
    }

    private void CheckName(string name, string what, string place)
    {
        if (Identifier.WhyInvalid(name) is { } reason)
        {
            throw Error(place, $"this cannot be the name of a {what}: {reason}", "Choose another name.");
        }
    }

    private Dictionary<string, JsonElement> ReadKnownProperties(JsonElement element, string place, string[] known)
    {
        var properties = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in ReadProperties(element, place, "property"))
        {
            properties[name] = known.Contains(name, StringComparer.Ordinal)
                ? value
                : throw Error(place, $"the property \"{name}\" is not known", MetadataError.Suggest(name, known));
        }

        return properties;
    }

    /// <summary>The properties in the order of the document; JSON lets a name stand twice, we do not.</summary>
    private IEnumerable<(string Name, JsonElement Value)> ReadProperties(JsonElement element, string place, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = Decode(place, () => property.Name);
            if (!seen.Add(name))
            {
                var twice = what == "property" ? place : Join(place, name);
                throw Error(twice, $"the {what} \"{name}\" is there twice", "Take one of the two out.");
            }

            yield return (name, property.Value);
        }
    }

    private static string Join(string table, string name) => table.Length == 0 ? name : $"{table}.{name}";

    private string? ReadText(Dictionary<string, JsonElement> properties, string name, string place)
    {
        if (!properties.TryGetValue(name, out var value))
        {
            return null;
        }

        Expect(value, JsonValueKind.String, place, $"\"{name}\"", "text");
        var text = Decode(place, () => value.GetString()!);
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw Error(place, $"\"{name}\" has a NUL character, which PostgreSQL cannot store")
            : text;
    }

    private bool? ReadFlag(Dictionary<string, JsonElement> properties, string name, string place)
    {
        if (!properties.TryGetValue(name, out var value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Error(place, $"\"{name}\" must be true or false, and is {Describe(value.ValueKind)}");
    }

    private void Expect(JsonElement element, JsonValueKind kind, string place, string what, string expected)
    {
        if (element.ValueKind != kind)
        {
            throw Error(place, $"{what} must be {expected}, and is {Describe(element.ValueKind)}");
        }
    }

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    /// <summary>JSON's escapes can spell half a surrogate pair, which is no text.</summary>
    private string Decode(string place, Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException exception)
        {
            throw MetadataError.At(source, place, "a \\u escape does not spell a character", "", exception);
        }
    }

    private StreamingException Error(string place, string reason, string remedy = "") =>
        MetadataError.At(source, place, reason, remedy);
}
