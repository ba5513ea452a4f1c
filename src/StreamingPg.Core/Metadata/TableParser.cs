using System.Text.Json;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads the tables of a metadata document one by one; what concerns two tables is left to <see cref="ForeignKeyResolver"/>.</summary>
/// <param name="source">Name of the document in errors.</param>
internal sealed class TableParser(string source)
{
    private const int MaxColumns = 1600; // PostgreSQL's limits
    private const int MaxKeyColumns = 32;

    /// <summary>What a document may have beside its tables.</summary>
    public static readonly string[] DocumentProperties = ["$schema", UserTypeParser.Property, RhythmParser.Property];

    /// <summary>What a table may have.</summary>
    public static readonly string[] Properties = ["table_name", "description", "columns", ForeignKeyParser.Property, .. TableRuleParser.Properties];

    /// <summary>The types that the document defines itself, once <see cref="ParseTables"/> has read it.</summary>
    public IReadOnlyList<UserTypeModel> UserTypes { get; private set; } = [];

    /// <summary>How the rate of events varies, once <see cref="ParseTables"/> has read it; or null.</summary>
    public RhythmModel? Rhythm { get; private set; }

    public IReadOnlyList<TableDraft> ParseTables(JsonElement root)
    {
        var document = new MetadataPlace(source, "");
        document.Expect(root, JsonValueKind.Object, "the document", "an object with one property per table");
        if (root.TryGetProperty(UserTypeParser.Property, out var types))
        {
            UserTypes = UserTypeParser.Parse(document, types);
        }

        if (root.TryGetProperty(RhythmParser.Property, out var rhythm))
        {
            Rhythm = RhythmParser.Parse(document, rhythm);
        }

        var tables = new List<TableDraft>();
        foreach (var (name, value) in document.Properties(root, "table"))
        {
            if (!name.StartsWith('$'))
            {
                tables.Add(ParseTable(document.Of(name), name, value));
            }
            else if (!DocumentProperties.Contains(name, StringComparer.Ordinal))
            {
                throw document.Error(
                    $"the property \"{name}\" is unknown, and table names cannot start with $", MetadataError.Suggest(name, DocumentProperties));
            }
        }

        var twice = tables.GroupBy(table => table.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1);
        return twice is not null ? throw document.Error($"two tables have the name \"{twice.Key}\"", "Give one of them another \"table_name\".")
            : tables.Count > 0 ? tables : throw document.Error("it has no tables", "Describe at least one.");
    }

    /// <summary>Rejects what cannot be a name in PostgreSQL.</summary>
    public static void CheckName(string name, string what, MetadataPlace place)
    {
        if (Identifier.WhyInvalid(name) is { } reason)
        {
            throw place.Error($"this is not a valid {what} name: {reason}", "Choose another name.");
        }
    }

    private TableDraft ParseTable(MetadataPlace place, string property, JsonElement element)
    {
        var table = new MetadataObject(place, element, "the table", "an object with \"columns\"", Properties);
        var name = table.Text("table_name") ?? property;
        CheckName(name, "a table", place);
        if (name == LedgerTable.Name)
        {
            throw place.Error("the batch ledger uses this name", "Choose another name.");
        }

        var columns = table.Find("columns") ?? throw place.Error("the table has no \"columns\"");
        place.Expect(columns, JsonValueKind.Object, "\"columns\"", "an object with one property per column");
        var references = new List<ReferenceDraft>();
        var models = place.Properties(columns, "column")
            .Select(column => new ColumnParser(place.Of(column.Name), UserTypes).Parse(column.Name, column.Value, references)).ToList();
        var model = new TableModel
        {
            Name = name,
            Description = table.Text("description"),
            Columns = models,
            PrimaryKey = [.. models.Where(column => column.IsPrimaryKey).Select(column => column.Name)],
        };
        CheckTable(place, model, table.Flag(TableRuleParser.Keyless) ?? false);
        return new TableDraft(TableRuleParser.Apply(model, table), references, ForeignKeyParser.Parse(model, table));
    }

    private static void CheckTable(MetadataPlace place, TableModel table, bool isKeyless)
    {
        if (table.Columns.Count is 0 or > MaxColumns)
        {
            throw place.Error($"the table has {table.Columns.Count} columns, but it must have 1 to {MaxColumns}");
        }

        if (isKeyless && table.PrimaryKey.Count > 0)
        {
            throw place.Error($"the table is \"{TableRuleParser.Keyless}\" and has a primary key", "Remove one of them.");
        }

        if (!isKeyless && table.PrimaryKey.Count is 0 or > MaxKeyColumns)
        {
            throw place.Error(
                table.PrimaryKey.Count == 0
                    ? "the table has no primary key"
                    : $"the primary key has {table.PrimaryKey.Count} columns, but PostgreSQL allows only {MaxKeyColumns}",
                "Mark the column (or the few columns) that tell its rows apart with \"primary_key\": true; "
                + $"a table that has none on purpose needs \"{TableRuleParser.Keyless}\": true.");
        }

        var sequenceColumns = table.Columns.Where(column => column.IsAutoIncrement).Select(column => column.Name).ToList();
        if (sequenceColumns.Count > 1)
        {
            throw place.Of(sequenceColumns[1]).Error(
                $"it is the second auto_increment column of the table, after \"{sequenceColumns[0]}\"", "A table can have only one.");
        }
    }
}
