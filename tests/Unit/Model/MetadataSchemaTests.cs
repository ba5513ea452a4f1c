using System.Globalization;
using System.Text.Json;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>The schema that editors use and the page that people read know what the parser knows, no more and no less.</summary>
public sealed class MetadataSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(RepositoryFile.Read("module/metadata.schema.json")).RootElement;

    public static TheoryData<string, string[]> Properties => new()
    {
        { "properties", TableParser.DocumentProperties },
        { "properties/$types/additionalProperties/properties", UserTypeParser.Properties },
        { "properties/$rhythm/properties", RhythmParser.Properties },
        { "$defs/table/properties", TableParser.Properties },
        { "$defs/table/properties/foreign_keys/items/properties", ForeignKeyParser.Properties },
        { "$defs/table/properties/checks/items/anyOf/1/properties", TableRuleParser.CheckProperties },
        { "$defs/table/properties/distinct/items/anyOf/1/properties", TableRuleParser.DistinctProperties },
        { "$defs/table/properties/indexes/items/anyOf/1/properties", TableRuleParser.IndexProperties },
        { "$defs/table/properties/per_parent/anyOf/1/properties", TableRuleParser.PerParentProperties },
        { "$defs/column/properties", ColumnParser.Properties },
        { "$defs/column/properties/foreign_key/anyOf/1/properties", ColumnParser.ForeignKeyProperties },
        { "$defs/column/properties/default/anyOf/1/properties", ServerValueParser.DefaultProperties },
        { "$defs/column/properties/values/anyOf/0/items/anyOf/1/properties", ColumnValuesParser.EntryProperties },
        { "$defs/column/properties/distribution/anyOf/1/properties", DistributionParser.Properties },
        { "$defs/column/properties/after/anyOf/1/properties", ColumnRuleParser.AfterProperties },
        { "$defs/column/properties/sum_of/properties", ColumnRuleParser.SumProperties },
        { "$defs/column/properties/from/anyOf/1/properties", RuleParser.FromProperties },
        { "$defs/case/properties", RuleParser.WhenProperties },
        { "$defs/property/properties", RuleParser.ObjectProperties },
    };

    [Theory]
    [MemberData(nameof(Properties))]
    public void Schema_has_the_properties_that_the_parser_takes(string place, string[] expected)
    {
        var found = place.Split('/').Aggregate(
            Schema, (element, step) => element.ValueKind == JsonValueKind.Array ? element[int.Parse(step, CultureInfo.InvariantCulture)] : element.GetProperty(step));

        Assert.Equal(expected.Order(), found.EnumerateObject().Select(property => property.Name).Order());
    }

    [Fact]
    public void Schema_and_page_have_every_generator()
    {
        var kinds = GeneratorRegistry.All.Select(generator => generator.Kind).ToList();
        var page = RepositoryFile.Read("docs/metadata.md");

        Assert.Equal(kinds, Schema.GetProperty("$defs").GetProperty("kind").GetProperty("enum").EnumerateArray().Select(kind => kind.GetString()));
        Assert.All(GeneratorRegistry.All, generator =>
        {
            Assert.Contains($"| `{generator.Kind}` | {generator.Family.ToString().ToLowerInvariant()} | {generator.Description} |", page, StringComparison.Ordinal);
            Assert.All(generator.Arguments, argument => Assert.Contains($"`{argument.Name}`: {argument.Description}", page, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Page_names_every_property_of_tables_and_columns()
    {
        var page = RepositoryFile.Read("docs/metadata.md");

        Assert.All(TableParser.Properties.Concat(ColumnParser.Properties), property => Assert.Contains($"| `{property}` |", page, StringComparison.Ordinal));
    }
}
