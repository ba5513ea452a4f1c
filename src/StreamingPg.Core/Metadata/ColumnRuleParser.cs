using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads what a column may say about its values: which there are, which must not be, and where they come from.</summary>
internal static class ColumnRuleParser
{
    /// <summary>The properties.</summary>
    public static readonly string[] Properties =
    [
        "nullable", "null_ratio", "unique", "generator", "values", "min", "max", "distribution", "pattern", "after", "equals_parent",
        "sum_of", "locale", "sensitive", .. RuleParser.Properties,
    ];

    /// <summary>The properties of <c>after</c>.</summary>
    public static readonly string[] AfterProperties = ["column", "within"];

    /// <summary>The properties of <c>sum_of</c>.</summary>
    public static readonly string[] SumProperties = ["table", "columns", "if_none"];

    /// <summary>What says where the values come from: one of these at most.</summary>
    public static readonly string[] Origins = ["generator", "values", "distribution", "pattern", "after", "equals_parent", "sum_of", .. RuleParser.Origins];

    private static readonly string[] Bounds = ["min", "max"];

    /// <summary>The column with what it says about its values.</summary>
    /// <param name="column">The column.</param>
    /// <param name="properties">What it says.</param>
    /// <param name="userTypes">The types that metadata defines itself.</param>
    public static ColumnModel Apply(ColumnModel column, MetadataObject properties, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        var place = properties.Place;
        var model = column with
        {
            IsNullable = properties.Flag("nullable"),
            NullRatio = properties.Number("null_ratio", 0, 1) ?? 0,
            IsUnique = properties.Flag("unique") ?? false,
            Generator = properties.Read("generator", (value, _) => Generator(place, value)),
            Values = properties.Read("values", (value, _) => ColumnValuesParser.Parse(place, value)),
            Minimum = properties.Read("min", place.Value),
            Maximum = properties.Read("max", place.Value),
            Distribution = properties.Read("distribution", (value, _) => DistributionParser.Parse(place, value)),
            Pattern = properties.Text("pattern"),
            After = properties.Read("after", (value, _) => After(place, value)),
            EqualsParent = properties.Text("equals_parent") is { } parent ? Reference(place, parent, "\"equals_parent\"") : null,
            SumOf = properties.Read("sum_of", (value, _) => Sum(place, value)),
            Locale = properties.FilledText("locale"),
            IsSensitive = properties.Flag("sensitive"),
        };
        CheckTogether(model, properties);
        model = RuleParser.Apply(model, properties, userTypes);
        return model.NullRatio > 0 ? model with { IsNullable = true } : model;
    }

    private static void CheckTogether(ColumnModel column, MetadataObject properties)
    {
        var place = properties.Place;
        var origins = Origins.Where(properties.Has).ToList();
        if (origins.Count > 1)
        {
            throw place.Error(
                $"\"{origins[0]}\" and \"{origins[1]}\" both define the values", "Remove one of them.");
        }

        if (column.NullRatio > 0 && (column.IsNullable == false || column.IsPrimaryKey))
        {
            throw place.Error(
                $"\"null_ratio\" requests NULLs, but {(column.IsPrimaryKey ? "a primary key" : "\"nullable\": false")} forbids them",
                "Remove one of them.");
        }

        if (column.IsNullable == true && column.IsPrimaryKey)
        {
            throw place.Error("\"nullable\" is true, but a primary key is never NULL", "Remove one of them.");
        }

        var given = origins.Concat(Bounds.Append(RuleParser.When).Where(properties.Has)).FirstOrDefault();
        if (given is not null && column.IsAutoIncrement)
        {
            throw place.Error($"the values come from a sequence, but \"{given}\" defines others", "Remove it, or use INTEGER.");
        }

        if (given is not (null or "equals_parent") && properties.Has("foreign_key"))
        {
            throw place.Error($"the values come from a parent, but \"{given}\" defines others", "Remove one of them.");
        }

        if (Bounds.FirstOrDefault(properties.Has) is { } bound && origins is [not ("generator" or "distribution")])
        {
            throw place.Error($"\"{origins[0]}\" defines the values, but \"{bound}\" defines others", "Remove one of them.");
        }
    }

    private static GeneratorModel Generator(MetadataPlace place, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return new GeneratorModel(place.Text(element, "\"generator\""), new Dictionary<string, object>());
        }

        var generator = new MetadataObject(place, element, "\"generator\"", "a name, or an object with \"kind\"", known: null);
        var kind = generator.RequiredText("kind", "\"generator\"");
        var arguments = generator.Names.Where(name => name != "kind")
            .ToDictionary(name => name, name => place.Value(generator.Find(name)!.Value, $"\"{name}\""), StringComparer.Ordinal);
        return new GeneratorModel(kind, arguments);
    }

    private static AfterModel After(MetadataPlace place, JsonElement element)
    {
        TimeSpan? within = null;
        string column;
        if (element.ValueKind == JsonValueKind.String)
        {
            column = place.Text(element, "\"after\"");
        }
        else
        {
            var after = new MetadataObject(place, element, "\"after\"", "a column, or an object with \"column\"", AfterProperties);
            column = after.RequiredText("column", "\"after\"");
            within = after.Duration("within");
        }

        var dot = column.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? new AfterModel(null, column, within) : new AfterModel(column[..dot], column[(dot + 1)..], within);
    }

    /// <summary>A column of another table, written as table.column.</summary>
    public static ColumnReference Reference(MetadataPlace place, string text, string what)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < text.Length - 1
            ? new ColumnReference(text[..dot], text[(dot + 1)..])
            : throw place.Error($"{what} is \"{text}\", but it must name a parent table and its column", "Write it as \"table.column\".");
    }

    private static SumModel Sum(MetadataPlace place, JsonElement element)
    {
        var sum = new MetadataObject(place, element, "\"sum_of\"", "an object with \"table\" and \"columns\"", SumProperties);
        return new SumModel(
            sum.RequiredText("table", "\"sum_of\""),
            sum.Texts("columns") ?? throw place.Error("\"sum_of\" has no \"columns\""))
        {
            IsOfOneIfNone = sum.Text("if_none") switch
            {
                null or "zero" => false,
                "one_row" => true,
                var other => throw place.Error($"\"if_none\" is \"{other}\"", "Use \"zero\" or \"one_row\"."),
            },
        };
    }
}
