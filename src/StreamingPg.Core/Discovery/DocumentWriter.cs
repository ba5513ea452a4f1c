using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>Writes the tables that were selected as a metadata document.</summary>
internal sealed class DocumentWriter
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // expressions and comments stay readable
    };

    private readonly TableSelection _selection;
    private readonly IReadOnlyDictionary<ColumnReference, LearntColumn> _learnt;
    private readonly RowPlan _rows;
    private readonly List<DiscoveryNote> _notes = [];

    private DocumentWriter(TableSelection selection, IReadOnlyDictionary<ColumnReference, LearntColumn> learnt, RowPlan rows)
    {
        _rows = rows;
        _selection = selection;
        _learnt = learnt;
    }

    /// <summary>Writes the document.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="selection">The tables.</param>
    /// <param name="learnt">What is known of the existing data.</param>
    /// <param name="rows">How many rows a batch has.</param>
    public static DiscoveredMetadata Write(
        LiveSchema schema, TableSelection selection, IReadOnlyDictionary<ColumnReference, LearntColumn> learnt, RowPlan rows)
    {
        var writer = new DocumentWriter(selection, learnt, rows);
        var tables = selection.Tables.ToList();
        var document = new JsonObject();
        var types = UsedTypes(schema, selection);
        if (types.Count > 0)
        {
            document[UserTypeParser.Property] = new JsonObject(types.Select(type => KeyValuePair.Create(type.Name, (JsonNode?)Type(type))));
        }

        foreach (var table in tables)
        {
            document[table.Name] = writer.Table(table);
        }

        return new DiscoveredMetadata(
            document.ToJsonString(Layout) + "\n", [.. tables.Select(table => table.Name)], [.. selection.Notes, .. writer._notes]);
    }

    private static List<UserTypeModel> UsedTypes(LiveSchema schema, TableSelection selection)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in selection.Tables)
        {
            used.UnionWith(table.Columns.Where(column => selection.Has(table, column.Name)).SelectMany(column => TypesOf(column.Type)));
        }

        return [.. schema.Types.Values.Where(type => used.Contains(type.Name)).Select(type => type.Model!)];
    }

    /// <summary>The types of metadata that a type is made of.</summary>
    private static IEnumerable<string> TypesOf(ColumnType? type) => type is null ? []
        : TypesOf(type.Element).Concat(TypesOf(type.UserType?.Base)).Concat(type.UserType is { } own ? [own.Name] : []);

    private static JsonObject Type(UserTypeModel type)
    {
        if (type.IsEnum)
        {
            return Placed(type, new JsonObject { ["enum"] = List(type.Labels) });
        }

        if (type.Pattern is not null)
        {
            return Placed(type, new JsonObject { ["pattern"] = type.Pattern });
        }

        var domain = new JsonObject { ["domain"] = type.Base!.ToSql() };
        if (type.Checks.Count > 0)
        {
            domain["check"] = type.Checks.Count == 1 ? Bare(type.Checks[0]) : List(type.Checks.Select(Bare));
        }

        if (!type.IsNullable)
        {
            domain["nullable"] = false;
        }

        return Placed(type, domain);
    }

    /// <summary>A type of another schema is used where it is.</summary>
    private static JsonObject Placed(UserTypeModel type, JsonObject json)
    {
        if (type.Schema is not null)
        {
            json["schema"] = type.Schema;
            json["name"] = type.LocalName;
        }

        return json;
    }

    private JsonObject Table(LiveTable table)
    {
        var json = new JsonObject();
        if (table.Comment is not null)
        {
            json["description"] = table.Comment;
        }

        if (table.PrimaryKey.Count == 0)
        {
            json[TableRuleParser.Keyless] = true;
        }

        var described = new ColumnWriter(_selection, table, _learnt);
        json["columns"] = new JsonObject(table.Columns.Where(column => _selection.Has(table, column.Name))
            .Select(column => KeyValuePair.Create(column.Name, (JsonNode?)described.Write(column))));
        _notes.AddRange(described.Notes);
        Add(json, "foreign_keys", ForeignKeys(table));
        Add(json, "unique", UniqueKeys(table));
        Add(json, "distinct", Distinct(table));
        Add(json, "checks", Checks(table));
        Add(json, "indexes", Indexes(table));
        AddPartition(json, table);
        _rows.AddTo(json, table.Name);
        return json;
    }

    /// <summary>Partitions of StreamingPg's, by their names.</summary>
    private void AddPartition(JsonObject json, LiveTable table)
    {
        var partition = table.Partitions.Find(partition => partition.Parent == table.Name && PartitionPeriod.Read(partition.Name) is not null);
        if (partition is not { KeyColumns: [var name] } || table.PartitionKey?.StartsWith("RANGE", StringComparison.Ordinal) != true
            || !_selection.Has(table, name) || PartitionPeriod.Read(partition.Name) is not { } named || table.Find(name) is not { } column)
        {
            return;
        }

        json[LayoutParser.Partition] = new JsonObject
        {
            ["column"] = column.Name,
            ["every"] = LayoutParser.Intervals.First(interval => interval.Value == named.Interval).Key,
        };
        if (table.PrimaryKey.Contains(column.Name, StringComparer.Ordinal) && table.PrimaryKey.Count > 1)
        {
            _notes.Add(new DiscoveryNote(
                table.Name,
                column.Name,
                "it is in the primary key because the table is partitioned by it, and the server cannot have foreign keys to the other columns of the key alone.",
                "If it was not in the key of the metadata that the tables were made of, use that metadata: it also says which tables refer to this one."));
        }
    }

    private static void Add(JsonObject json, string name, IEnumerable<JsonNode> entries)
    {
        var list = entries.ToArray();
        if (list.Length > 0)
        {
            json[name] = new JsonArray(list);
        }
    }

    private IEnumerable<JsonNode> ForeignKeys(LiveTable table)
    {
        foreach (var key in table.ForeignKeys.Where(key => key.Columns.All(column => _selection.Has(table, column))))
        {
            if (ColumnWriter.IsWrittenAtColumn(_selection, table, key))
            {
                continue;
            }

            var json = new JsonObject { ["columns"] = List(key.Columns), ["table"] = key.ParentTable, ["parent_columns"] = List(key.ParentColumns), ["name"] = key.Name };
            if (_selection.IsOutside(key))
            {
                json["schema"] = key.ParentSchema;
            }

            if (key.IsDeferrable)
            {
                json["deferrable"] = true;
            }

            AddAgreement(json, key);

            yield return json;
        }
    }

    /// <summary>Says what the keys and the rows tell of the parent that another key leads to as well.</summary>
    public static void AddAgreement(JsonObject json, LiveForeignKey key)
    {
        if (key.Agreement != ParentAgreement.Required)
        {
            json[ForeignKeyParser.SharedParent] = ForeignKeyParser.TextOf(key.Agreement);
        }
    }

    private IEnumerable<JsonNode> UniqueKeys(LiveTable table)
    {
        var written = new List<IReadOnlyList<string>> { table.PrimaryKey };
        foreach (var index in table.UniqueKeys)
        {
            // Where a column of the key has the server's value, which may be the same for all rows, the others must tell them apart.
            List<string> columns = [.. index.Columns.Where(column => _selection.Has(table, column))];
            if (columns.Count > 1 && !written.Exists(key => key.ToHashSet(StringComparer.Ordinal).SetEquals(columns)))
            {
                written.Add(columns);
                yield return List(columns);
            }
        }
    }

    /// <summary>What unique indexes over a part of the rows, and over the case of texts, ask for.</summary>
    private IEnumerable<JsonNode> Distinct(LiveTable table)
    {
        foreach (var index in table.Indexes.Where(index => index is { IsUnique: true, IsPlain: false }))
        {
            var where = index.Predicate is null ? "" : $" where {index.Predicate}";
            if (index.ToDistinct() is not { } distinct || !distinct.Columns.All(column => _selection.Has(table, column)))
            {
                _notes.Add(new DiscoveryNote(
                    table.Name,
                    null,
                    $"the unique index {index.Name} is over {string.Join(", ", index.Keys)}{where}, which metadata cannot express.",
                    "The server rejects rows that violate it: list columns in \"distinct\" whose values must differ."));
                continue;
            }

            if (index.Predicate is not null)
            {
                _notes.Add(new DiscoveryNote(
                    table.Name,
                    null,
                    $"the unique index {index.Name} covers only the rows{where}, but {string.Join(", ", index.Keys)} will be distinct in all new rows.",
                    "Remove it from \"distinct\" if that allows too few rows."));
            }

            yield return distinct.Fold is null
                ? List(distinct.Columns)
                : new JsonObject { ["columns"] = List(distinct.Columns), ["fold"] = distinct.Fold };
        }
    }

    private IEnumerable<JsonNode> Checks(LiveTable table)
    {
        foreach (var check in table.Checks)
        {
            var leftOut = check.IsExclusion ? [] : LeftOutColumns(table, check);
            if (check.IsExclusion || leftOut.Count > 0)
            {
                _notes.Add(new DiscoveryNote(
                    table.Name,
                    leftOut.Count > 0 ? leftOut[0] : null,
                    $"the constraint {check.Name} ({check.Expression}) {(check.IsExclusion ? "compares rows with each other" : "is about a column that is left out")}.",
                    "The server rejects rows that violate it."));
                continue;
            }

            yield return new JsonObject { ["name"] = check.Name, ["expression"] = Bare(check.Expression) };
        }
    }

    private List<string> LeftOutColumns(LiveTable table, LiveCheck check) =>
        [.. SqlConstant.ColumnsOf(check.Expression).Where(column => table.Find(column) is not null && !_selection.Has(table, column))];

    private IEnumerable<JsonNode> Indexes(LiveTable table) =>
        from index in table.Indexes
        where index is { IsUnique: false, IsPlain: true } && index.Columns.All(column => _selection.Has(table, column))
        where !table.ForeignKeys.Exists(key => key.Columns.SequenceEqual(index.Columns)) // those of foreign keys are made anyway
        select List(index.Columns);

    /// <summary>An expression without the brackets that the server puts around all of it.</summary>
    private static string Bare(string expression)
    {
        if (!expression.StartsWith('(') || !expression.EndsWith(')'))
        {
            return expression;
        }

        var depth = 0;
        char? quote = null;
        foreach (var character in expression[..^1])
        {
            if (character is '\'' or '"' && (quote ?? character) == character)
            {
                quote = quote is null ? character : null;
            }

            depth += quote is not null ? 0 : character switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return expression;
            }
        }

        return expression[1..^1];
    }

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
