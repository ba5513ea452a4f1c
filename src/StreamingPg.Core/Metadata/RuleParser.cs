using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads the rules that make a column's values out of others: templates, expressions, conditions, described objects, other sources.</summary>
internal static class RuleParser
{
    /// <summary>Sources under conditions.</summary>
    public const string When = "when";

    /// <summary>The rules that say by themselves where the values come from.</summary>
    public static readonly string[] Origins = ["enum", "template", "expression", "from", "properties"];

    /// <summary>The properties.</summary>
    public static readonly string[] Properties = [.. Origins, When];

    /// <summary>What an entry of <c>when</c> may have.</summary>
    public static readonly string[] WhenProperties = ["if", "value", "null", .. Sources];

    /// <summary>What a property of a JSON object may have.</summary>
    public static readonly string[] ObjectProperties = ["type", ColumnParser.MaxLength, "description", "nullable", When, .. Sources];

    /// <summary>The properties of <c>from</c>.</summary>
    public static readonly string[] FromProperties = ["file", "query", "table", "column", "weight"];

    private static string[] Sources =>
        ["generator", "values", "min", "max", "distribution", "pattern", "null_ratio", "locale", .. Origins];

    /// <summary>The column with its rules.</summary>
    /// <param name="column">The column.</param>
    /// <param name="properties">What it says.</param>
    /// <param name="userTypes">The types that metadata defines itself.</param>
    public static ColumnModel Apply(ColumnModel column, MetadataObject properties, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        var place = properties.Place;
        if (properties.Texts("enum") is { } values)
        {
            column = column with { Values = [.. values.Select(value => new WeightedValue(value, 1))] };
        }

        if (properties.Read("from", (value, _) => From(place, value)) is { } from)
        {
            column = column with { Rule = from.Rule, Values = from.Values };
        }

        ColumnRule? rule = properties switch
        {
            _ when properties.FilledText("template") is { } template => new TemplateRule(template),
            _ when properties.FilledText("expression") is { } expression => new ExpressionRule(expression),
            _ when properties.Find("properties") is { } described => Object(place, column, described, userTypes),
            _ => column.Rule,
        };
        return column with
        {
            Rule = rule,
            When = properties.Find(When) is { } cases ? Cases(place, column, cases, userTypes) : [],
        };
    }

    private static ObjectRule Object(MetadataPlace place, ColumnModel column, JsonElement element, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        if (column.Type.Kind is not (ColumnKind.Json or ColumnKind.Jsonb))
        {
            throw place.Error($"\"properties\" describe a JSON object, but the type is {column.Type.ToSql()}", "Use JSONB, or remove them.");
        }

        place.Expect(element, JsonValueKind.Object, "\"properties\"", "an object with one property per property");
        var properties = place.Properties(element, "property").Select(entry => Property(place.Of(entry.Name), entry.Name, entry.Value, userTypes)).ToList();
        return properties.Count > 0 ? new ObjectRule(properties) : throw place.Error("\"properties\" is empty", "Describe at least one.");
    }

    private static ColumnModel Property(MetadataPlace place, string name, JsonElement element, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        var property = new MetadataObject(place, element, "the property", "an object with \"type\"", ObjectProperties);
        var type = ColumnParser.ParseType(property, "the property", userTypes);
        return type == type.WithoutSequence()
            ? ColumnRuleParser.Apply(new ColumnModel(name, type, Description: property.Text("description")), property, userTypes)
            : throw place.Error($"a property of a JSON object cannot be {type.ToSql()}", $"Use {type.WithoutSequence().ToSql()}.");
    }

    private static List<WhenModel> Cases(MetadataPlace place, ColumnModel column, JsonElement list, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        const string What = "an entry of \"when\"";
        place.Expect(list, JsonValueKind.Array, "\"when\"", "a list");
        var cases = list.EnumerateArray().Select(element => Case(
            column, new MetadataObject(place, element, What, "an object with \"if\" and a source of values", WhenProperties), userTypes)).ToList();
        return cases switch
        {
            [] => throw place.Error("\"when\" is empty", "Give at least one condition."),
            _ when cases.SkipLast(1).Any(entry => entry.Condition is null) => throw place.Error(
                $"{What} has no \"if\", so those after it are never looked at", "Add \"if\", or make it the last one."),
            _ => cases,
        };
    }

    private static WhenModel Case(ColumnModel column, MetadataObject entry, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        const string What = "an entry of \"when\"";
        var place = entry.Place;
        var condition = entry.FilledText("if");
        var constant = entry.Find("value");
        var isNull = entry.Flag("null") ?? false;
        var source = new ColumnModel(column.Name, column.Type) { Locale = column.Locale };
        var described = ColumnRuleParser.Apply(source, entry, userTypes);
        var hasSource = Sources.Any(property => entry.Has(property));
        if ((constant is null ? 0 : 1) + (isNull ? 1 : 0) + (hasSource ? 1 : 0) != 1)
        {
            throw place.Error(
                hasSource || isNull || constant is not null ? $"{What} defines the values twice" : $"{What} does not say what the values are",
                "Use one of \"value\", \"null\": true and a source such as \"values\", \"generator\" or \"expression\".");
        }

        if (isNull && (column.IsPrimaryKey || column.IsNullable == false))
        {
            throw place.Error($"{What} requests NULLs, but {(column.IsPrimaryKey ? "a primary key" : "\"nullable\": false")} forbids them", "Remove one of them.");
        }

        return new WhenModel(condition, isNull ? null : constant is { } value
            ? described with { Values = [new WeightedValue(place.Value(value, "\"value\""), 1)] }
            : described with { Locale = described.Locale ?? column.Locale });
    }

    private static FromResult From(MetadataPlace place, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return new FromResult(null, ValueFile.Read(place, place.Text(element, "\"from\""), null, null));
        }

        var from = new MetadataObject(place, element, "\"from\"", "a CSV file, or an object with \"file\", \"query\" or \"table\"", FromProperties);
        return (from.Has("file"), from.Has("query"), from.Has("table")) switch
        {
            (true, false, false) => new FromResult(
                null, ValueFile.Read(place, from.RequiredText("file", "\"from\""), from.Text("column"), from.Text("weight"))),
            (false, true, false) when !from.Has("column") && !from.Has("weight") => new FromResult(new FromRule { Query = from.FilledText("query") }, null),
            (false, true, false) => throw place.Error("\"from\" has a \"query\", whose columns are the values and their weights, in this order", "Remove \"column\" and \"weight\"."),
            (false, false, true) => new FromResult(
                new FromRule { Table = from.FilledText("table"), Column = from.RequiredText("column", "\"from\" with \"table\""), Weight = from.Text("weight") }, null),
            _ => throw place.Error("\"from\" must have either \"file\", \"query\" or \"table\""),
        };
    }

    /// <summary>The values of a file, or where they are to be read.</summary>
    private sealed record FromResult(FromRule? Rule, IReadOnlyList<WeightedValue>? Values);
}
