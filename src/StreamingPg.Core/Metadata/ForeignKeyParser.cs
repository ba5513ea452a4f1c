using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads <c>foreign_keys</c> of a table: composite keys, several keys to one parent, deferrable ones.</summary>
internal static class ForeignKeyParser
{
    /// <summary>The property of a table.</summary>
    public const string Property = "foreign_keys";

    /// <summary>The properties of an entry.</summary>
    public static readonly string[] Properties = ["columns", "schema", "table", "parent_columns", "name", "deferrable", SharedParent];

    /// <summary>The property that says whether the parent is the one that another key leads to as well.</summary>
    public const string SharedParent = "shared_parent";

    private static readonly string[] Agreements = [.. Enum.GetValues<ParentAgreement>().Select(TextOf)];

    private const string What = "an entry of \"foreign_keys\"";

    public static IReadOnlyList<ForeignKeyDraft> Parse(TableModel table, MetadataObject properties)
    {
        if (properties.Find(Property) is not { } list)
        {
            return [];
        }

        properties.Place.Expect(list, JsonValueKind.Array, $"\"{Property}\"", "a list");
        return [.. list.EnumerateArray().Select(entry => Parse(properties.Place, table, entry))];
    }

    private static ForeignKeyDraft Parse(MetadataPlace place, TableModel table, JsonElement element)
    {
        var entry = new MetadataObject(place, element, What, "an object with \"columns\", \"table\" and \"parent_columns\"", Properties);
        var columns = entry.Texts("columns") ?? throw place.Error($"{What} has no \"columns\"");
        var parentColumns = entry.Texts("parent_columns") ?? throw place.Error($"{What} has no \"parent_columns\"");
        if (columns.Count != parentColumns.Count)
        {
            throw place.Error($"{What} has {columns.Count} \"columns\" and {parentColumns.Count} \"parent_columns\"", "List the same number of columns in both.");
        }

        foreach (var column in columns)
        {
            if (!table.HasColumn(column))
            {
                throw place.Error(
                    $"{What} names the column \"{column}\", which does not exist in the table",
                    MetadataError.Suggest(column, [.. table.Columns.Select(known => known.Name)]));
            }

            if (table.Column(column).IsAutoIncrement)
            {
                throw place.Of(column).Error("a column with values from a sequence cannot refer to another table", "Use INTEGER.");
            }
        }

        var name = entry.Text("name");
        if (name is not null)
        {
            TableParser.CheckName(name, "a foreign key", place);
        }

        return new ForeignKeyDraft(columns, entry.RequiredText("table", What), parentColumns, name, entry.Flag("deferrable") ?? false)
        {
            Schema = entry.FilledText("schema"),
            Agreement = AgreementOf(entry),
        };
    }

    /// <summary>What a foreign key says of the parent that another key leads to as well.</summary>
    public static ParentAgreement AgreementOf(MetadataObject key) => key.Text(SharedParent) is not { } text ? ParentAgreement.Required
        : Array.IndexOf(Agreements, text) is >= 0 and var index ? (ParentAgreement)index
        : throw key.Place.Error($"\"{SharedParent}\" is \"{text}\"", MetadataError.Suggest(text, Agreements));

    /// <summary>How metadata spells it.</summary>
    public static string TextOf(ParentAgreement agreement) => agreement switch
    {
        ParentAgreement.Required => "required",
        ParentAgreement.Usual => "usual",
        _ => "none",
    };
}
