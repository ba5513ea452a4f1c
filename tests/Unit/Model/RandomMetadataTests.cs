using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Model;

public sealed class RandomMetadataTests
{
    private const int Seeds = 500;

    [Fact]
    public void Parents_come_before_children_and_no_table_is_lost()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var document = RandomMetadata.Create(seed);

            var tables = MetadataReader.Parse(document.ToJsonString()).Tables;

            Assert.Equal(document.Select(table => table.Key).Order(), tables.Select(table => table.Name).Order());
            var before = new HashSet<string>();
            foreach (var table in tables)
            {
                Assert.All(table.ForeignKeys, key => Assert.Contains(key.ParentTable, before));
                before.Add(table.Name);
            }
        }
    }

    [Fact]
    public void Tables_whose_order_is_good_keep_it()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var document = RandomMetadata.Create(seed);
            var sorted = MetadataReader.Parse(document.ToJsonString()).Tables.Select(table => table.Name).ToList();
            var rewritten = new JsonObject(sorted.Select(name => KeyValuePair.Create(name, document[name]?.DeepClone())));

            Assert.Equal(sorted, MetadataReader.Parse(rewritten.ToJsonString()).Tables.Select(table => table.Name));
        }
    }

    [Fact]
    public void A_reference_back_to_a_descendant_is_refused_as_a_cycle()
    {
        var cycles = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var document = RandomMetadata.Create(seed);
            var child = MetadataReader.Parse(document.ToJsonString()).Tables.LastOrDefault(table => table.ForeignKeys.Count > 0);
            if (child is null)
            {
                continue;
            }

            var parent = child.ForeignKeys[0].ParentTable;
            foreach (var column in child.PrimaryKey)
            {
                document[parent]!["columns"]![$"back {column}"] = new JsonObject
                {
                    ["type"] = child.Column(column).Type.ToSql(),
                    ["foreign_key"] = new JsonObject { ["table"] = child.Name, ["column"] = column },
                };
            }

            var error = Assert.Throws<StreamingException>(() => MetadataReader.Parse(document.ToJsonString()));
            Assert.Matches(@"a cycle: (.+) -> (.+ -> )?\1\.", error.Message);
            cycles++;
        }

        Assert.True(cycles > Seeds / 2);
    }

    [Fact]
    public void A_chain_of_many_tables_is_sorted()
    {
        const int length = 20_000;
        var json = new StringBuilder("{");
        for (var i = length - 1; i > 0; i--)
        {
            json.Append(CultureInfo.InvariantCulture, $$$$"""
                "t{{{{i}}}}": {"columns": {"id": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "t{{{{i - 1}}}}", "column": "id"} } } },
                """);
        }

        json.Append("""  "t0": {"columns": {"id": {"type": "UUID", "primary_key": true}}}}""");

        var tables = MetadataReader.Parse(json.ToString()).Tables;

        Assert.Equal(Enumerable.Range(0, length).Select(i => $"t{i}"), tables.Select(table => table.Name));
    }

    [Fact]
    public void Mutilated_metadata_is_read_or_refused_and_never_crashes()
    {
        var refused = 0;
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            var json = new StringBuilder(RandomMetadata.Create(seed % 50).ToJsonString());
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                Mutilate(json, random);
            }

            try
            {
                Assert.NotEmpty(MetadataReader.Parse(json.ToString()).Tables);
            }
            catch (StreamingException error)
            {
                Assert.Equal(StreamingErrorKind.InvalidMetadata, error.Kind);
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 9_999);
    }

    private static void Mutilate(StringBuilder json, Random random)
    {
        const string pieces = "{}[]\":,0\\u\ud800\0é ";
        var at = random.Next(json.Length);
        switch (random.Next(4))
        {
            case 0:
                json.Remove(at, Math.Min(random.Next(1, 20), json.Length - at));
                break;
            case 1:
                json.Insert(at, pieces[random.Next(pieces.Length)]);
                break;
            case 2:
                json[at] = pieces[random.Next(pieces.Length)];
                break;
            default:
                json.Insert(at, json.ToString(at, Math.Min(random.Next(1, 60), json.Length - at)));
                break;
        }
    }
}
