using System.Globalization;
using System.Text.Json;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads what a table may say beside its columns: what is unique, checked and indexed, how many rows there are and for how
/// long.</summary>
internal static class TableRuleParser
{
    /// <summary>Says that a table has no primary key on purpose.</summary>
    public const string Keyless = "keyless";

    /// <summary>Columns by which other tools partition the table; it is read and not followed.</summary>
    public const string Partitions = "partitions";

    /// <summary>The properties.</summary>
    public static readonly string[] Properties = [Keyless, "unique", "distinct", "checks", "indexes", Partitions, LayoutParser.Partition, LayoutParser.Distribution, "rows_per_batch", "per_parent", "retention"];

    /// <summary>The properties of an entry of <c>distinct</c>.</summary>
    public static readonly string[] DistinctProperties = ["columns", "fold"];

    /// <summary>The functions that <c>fold</c> may name.</summary>
    public static readonly string[] Folds = ["lower", "upper"];

    /// <summary>The properties of a check.</summary>
    public static readonly string[] CheckProperties = ["name", "expression", "trusted"];

    /// <summary>The properties of an index.</summary>
    public static readonly string[] IndexProperties = ["columns", "unique"];

    /// <summary>The properties of <c>per_parent</c>.</summary>
    public static readonly string[] PerParentProperties = ["parent", "min", "max", "distribution", "mean", "counts"];

    private const long MaxChildren = 1_000_000;
    private const int MaxCounts = 1000;

    public static TableModel Apply(TableModel table, MetadataObject properties)
    {
        var place = properties.Place;
        var model = table with
        {
            UniqueKeys = UniqueKeys(table, properties),
            Distinct = [.. Entries(properties, "distinct").Select(distinct => Distinct(place, table, distinct))],
            Checks = [.. Entries(properties, "checks").Select(check => Check(place, check))],
            Indexes = [.. Entries(properties, "indexes").Select(index => Index(place, table, index))],
            Partitions = properties.Find(Partitions) is { } partitions ? Columns(place, table, partitions, $"\"{Partitions}\"") : [],
            Layout = LayoutParser.Parse(table, properties),
            RowsPerBatch = properties.WholeNumber("rows_per_batch", 0, UuidKeyColumn.MaxRows),
            PerParent = properties.Read("per_parent", (value, _) => PerParent(place, value)),
            Retention = properties.Duration("retention"),
        };
        if (model is { Retention: not null, PrimaryKey.Count: 0 })
        {
            throw place.Error("\"retention\" needs a primary key, and the table has none", "Remove one of them.");
        }

        return model is not { RowsPerBatch: not null, PerParent: not null }
            ? model
            : throw place.Error(
                "\"rows_per_batch\" and \"per_parent\" both set the number of rows", "Remove one of them.");
    }

    private static List<IReadOnlyList<string>> UniqueKeys(TableModel table, MetadataObject properties)
    {
        var keys = table.Columns.Where(column => column.IsUnique)
            .Select(column => (IReadOnlyList<string>)[column.Name]).ToList();
        foreach (var list in Entries(properties, "unique"))
        {
            var columns = Columns(properties.Place, table, list, "an entry of \"unique\"");
            if (keys.Append(table.PrimaryKey).Any(key => key.ToHashSet(StringComparer.Ordinal).SetEquals(columns)))
            {
                throw properties.Place.Error($"{string.Join(", ", columns)} are listed as unique twice", "Remove one of them.");
            }

            keys.Add(columns);
        }

        return keys;
    }

    private static DistinctModel Distinct(MetadataPlace place, TableModel table, JsonElement element)
    {
        const string What = "an entry of \"distinct\"";
        if (element.ValueKind == JsonValueKind.Array)
        {
            return new DistinctModel(Columns(place, table, element, What), Fold: null);
        }

        var distinct = new MetadataObject(place, element, What, "a list of columns, or an object with \"columns\"", DistinctProperties);
        var list = distinct.Find("columns") ?? throw place.Error($"{What} has no \"columns\"");
        var columns = Columns(place, table, list, $"\"columns\" of {What}");
        return distinct.Text("fold") switch
        {
            { } fold when !Folds.Contains(fold) => throw place.Error($"\"fold\" is \"{fold}\"", MetadataError.Suggest(fold, Folds)),
            { } when !columns.Any(column => table.Column(column).Type.IsText) => throw place.Error(
                $"\"fold\" of {What} needs a text column, and it has none", "Remove it."),
            var fold => new DistinctModel(columns, fold),
        };
    }

    private static CheckModel Check(MetadataPlace place, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return new CheckModel(null, Expression(place, place.Text(element, "an entry of \"checks\"")));
        }

        var check = new MetadataObject(place, element, "an entry of \"checks\"", "an SQL expression, or an object with \"expression\"", CheckProperties);
        var name = check.Text("name");
        if (name is not null)
        {
            TableParser.CheckName(name, "a check", place);
        }

        return new CheckModel(name, Expression(place, check.RequiredText("expression", "an entry of \"checks\"")))
        {
            IsTrusted = check.Flag("trusted") ?? false,
        };
    }

    private static string Expression(MetadataPlace place, string text) => string.IsNullOrWhiteSpace(text)
        ? throw place.Error("an expression of \"checks\" is empty", "Write a condition such as \"price >= 0\".")
        : text;

    private static IndexModel Index(MetadataPlace place, TableModel table, JsonElement element)
    {
        const string What = "an entry of \"indexes\"";
        if (element.ValueKind == JsonValueKind.String)
        {
            return new IndexModel([Column(place, table, place.Text(element, What), What)], IsUnique: false);
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            return new IndexModel(Columns(place, table, element, What), IsUnique: false);
        }

        var index = new MetadataObject(place, element, What, "a list of columns, or an object with \"columns\"", IndexProperties);
        var columns = index.Find("columns") ?? throw place.Error($"{What} has no \"columns\"");
        return new IndexModel(Columns(place, table, columns, $"\"columns\" of {What}"), index.Flag("unique") ?? false);
    }

    private static ChildCountModel PerParent(MetadataPlace place, JsonElement element)
    {
        const string What = "\"per_parent\"";
        if (element.ValueKind == JsonValueKind.Number)
        {
            var count = place.Number(element, What);
            return count is >= 0 and <= MaxChildren && Math.Truncate(count) == count
                ? new ChildCountModel(ChildCountKind.Range, (long)count, (long)count)
                : throw place.Error($"{What} must be a whole number from 0 to {MaxChildren}");
        }

        var children = new MetadataObject(place, element, What, "a number, or an object with \"max\", \"mean\" or \"counts\"", PerParentProperties);
        if (children.Find("counts") is { } list)
        {
            return children.Names.FirstOrDefault(name => name is not ("counts" or "parent")) is { } other
                ? throw place.Error($"{What} has \"counts\" and \"{other}\"", "Remove one of them.")
                : ListedChildren(place, list) with { Parent = children.FilledText("parent") };
        }

        var kind = ChildKind(children);
        var mean = children.Number("mean", 0, MaxChildren);
        var minimum = children.WholeNumber("min", 0, MaxChildren) ?? (kind == ChildCountKind.Range ? 1 : 0);
        var maximum = children.WholeNumber("max", 0, MaxChildren) ?? (mean is null ? null : HighestOf(mean.Value));
        return (kind, maximum, mean) switch
        {
            (ChildCountKind.Range, _, not null) => throw place.Error(
                $"{What} has a \"mean\" but no \"distribution\"", "Add \"distribution\" with \"poisson\" or \"geometric\", or use only \"min\" and \"max\"."),
            (ChildCountKind.Range, null, _) => throw place.Error($"{What} has no \"max\""),
            (not ChildCountKind.Range, _, null) => throw place.Error($"{What} has a \"distribution\" but no \"mean\""),
            _ when maximum < minimum => throw place.Error($"{What} has \"min\" {minimum} and \"max\" {maximum}, but \"min\" must not exceed \"max\""),
            _ => new ChildCountModel(kind, minimum, maximum!.Value) { Mean = mean, Parent = children.FilledText("parent") },
        };
    }

    /// <summary>Numbers of children and their weights.</summary>
    private static ChildCountModel ListedChildren(MetadataPlace place, JsonElement element)
    {
        const string What = "\"counts\" of \"per_parent\"";
        var counts = new SortedDictionary<long, double>();
        foreach (var (name, value) in place.Properties(element, What))
        {
            var children = long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxChildren
                ? number
                : throw place.Error($"{What} has \"{name}\", which is not a whole number", $"Use whole numbers from 0 to {MaxChildren}.");
            var weight = place.Number(value, $"the weight of {name} in {What}");
            if (weight < 0)
            {
                throw place.Error($"the weight of {name} in {What} is negative", "Use weights from 0.");
            }

            if (weight > 0)
            {
                counts[children] = weight;
            }
        }

        var sum = counts.Values.Sum();
        return counts.Count is > 0 and <= MaxCounts && double.IsFinite(sum)
            ? new ChildCountModel(ChildCountKind.List, counts.Keys.First(), counts.Keys.Last()) { Counts = [.. counts.Select(count => (count.Key, count.Value))] }
            : throw place.Error($"{What} needs 1 to {MaxCounts} numbers of children, at least one with a weight above 0");
    }

    private static ChildCountKind ChildKind(MetadataObject children) => children.Text("distribution") switch
    {
        null => ChildCountKind.Range,
        "poisson" => ChildCountKind.Poisson,
        "geometric" => ChildCountKind.Geometric,
        { } other => throw children.Place.Error(
            $"there is no distribution \"{other}\" for \"per_parent\"", MetadataError.Suggest(other, ["poisson", "geometric"])),
    };

    /// <summary>More than ten times the mean is as good as never.</summary>
    private static long HighestOf(double mean) => (long)Math.Clamp(Math.Ceiling(10 * mean), 1, MaxChildren);

    private static JsonElement.ArrayEnumerator Entries(MetadataObject properties, string name)
    {
        if (properties.Find(name) is not { } list)
        {
            return default;
        }

        properties.Place.Expect(list, JsonValueKind.Array, $"\"{name}\"", "a list");
        return list.EnumerateArray();
    }

    private static IReadOnlyList<string> Columns(MetadataPlace place, TableModel table, JsonElement list, string what) =>
        [.. place.Texts(list, what).Select(column => Column(place, table, column, what))];

    private static string Column(MetadataPlace place, TableModel table, string column, string what) => table.HasColumn(column)
        ? column
        : throw place.Error(
            $"{what} names the column \"{column}\", which does not exist in the table",
            MetadataError.Suggest(column, [.. table.Columns.Select(known => known.Name)]));
}
