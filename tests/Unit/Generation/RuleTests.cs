using System.Text.Json;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Templates, conditions, described objects, lists from files and generators of the user's own make the values that they say.</summary>
public sealed class RuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_template_has_expressions_with_formats()
    {
        const string Others = "\"net\": {\"type\": \"DECIMAL(10,2)\", \"values\": [1234.5]}, \"at\": {\"type\": \"DATE\", \"values\": [\"2026-03-01\"]},";
        object?[] Texts(string template) => GeneratedColumn.Values($$"""{"type": "TEXT", "template": "{{template}}"}""", 2, others: Others);

        Assert.Equal(["INV-2025-00001", "INV-2025-00002"], Texts("INV-{year(now())}-{seq:00000}"));
        Assert.Equal(["{1,234.50} 20260301 a:b", "{1,234.50} 20260301 a:b"], Texts("{{{net:#,##0.00}}} {at:yyyyMMdd} {'a:b'}"));
        Assert.Equal(["1234.5", "1234.5"], Texts("{net::numeric(10,1)}"));
    }

    [Fact]
    public void Numbers_of_rows_go_on_after_the_rows_before()
    {
        var model = GeneratedColumn.Model("""{"type": "VARCHAR(10)", "unique": true, "template": "N{seq:000}"}""");
        var plan = GeneratedRows.PlanOf(0, 0, 0, model: model) with
        {
            Rows = new Dictionary<string, long> { ["t"] = 3 },
            RowsBefore = new Dictionary<string, long> { ["t"] = 998 },
        };
        Assert.Equal(["N999", "N1000", "N1001"], GeneratedRows.Of(plan).Column("t", "x"));
    }

    [Fact]
    public void The_first_condition_that_is_true_says_the_source()
    {
        var rows = GeneratedColumn.Rows(
            GeneratedColumn.Model(
                """
                {"type": "TEXT", "pattern": "z", "when": [
                    {"if": "a > 7", "null": true}, {"if": "a > 5", "value": "high"}, {"if": "a > 2", "template": "mid {a}"}]}
                """,
                "\"a\": {\"type\": \"INTEGER\", \"min\": 0, \"max\": 9},"),
            500);
        Assert.All(
            rows.Column<int>("t", "a").Zip(rows.Column("t", "x")),
            row => Assert.Equal(row.First > 7 ? null : row.First > 5 ? "high" : row.First > 2 ? $"mid {row.First}" : "z", row.Second));
    }

    [Fact]
    public void A_condition_can_be_about_the_parent()
    {
        var model = MetadataReader.Parse("""
            {"countries": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "code": {"type": "TEXT", "values": ["DE", "FR"]}}},
             "people": {"columns": {"id": {"type": "UUID", "primary_key": true}, "country_id": {"type": "INTEGER", "foreign_key": "countries.id"},
                        "language": {"type": "TEXT", "when": [{"if": "countries.code = 'DE'", "value": "German"}, {"value": "French"}]},
                        "code": {"type": "TEXT", "expression": "lower(countries.code)"}}}}
            """);
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(0, 0, 0, model: model) with
        {
            Rows = new Dictionary<string, long> { ["countries"] = 10, ["people"] = 200 },
            SequenceValues = new Dictionary<string, SequenceValues> { ["countries"] = new(1, 1) },
        });
        var codes = rows.Table("countries").ToDictionary(row => (int)row[0]!, row => (string)row[1]!);
        Assert.Equal(2, codes.Values.Distinct().Count());
        Assert.All(rows.Table("people"), row =>
        {
            Assert.Equal(codes[(int)row[1]!] == "DE" ? "German" : "French", row[2]);
            Assert.Equal(codes[(int)row[1]!].ToLowerInvariant(), row[3]);
        });
    }

    [Theory]
    [InlineData("JSON")]
    [InlineData("JSONB")]
    public void An_object_has_its_properties_with_their_types(string type)
    {
        var values = GeneratedColumn.Values<string>(
            $$$$"""
            {"type": "{{{{type}}}}", "properties": {
                "kind": {"type": "STRING", "enum": ["a", "b\"ä"]}, "size": {"type": "INTEGER", "min": 1, "max": 3}, "price": {"type": "DECIMAL(5,2)", "values": [1.50]},
                "seen": {"type": "BOOLEAN"}, "none": {"type": "TEXT", "null_ratio": 1}, "note": {"type": "TEXT", "template": "n{a}"},
                "place": {"type": "OBJECT", "properties": {"city": {"type": "STRING", "max_length": 4}, "tags": {"type": "TEXT[]"} } } } }
            """,
            200,
            others: "\"a\": {\"type\": \"INTEGER\", \"values\": [7]},");
        Assert.All(values, value =>
        {
            var json = JsonDocument.Parse(value).RootElement;
            Assert.Equal(["kind", "size", "price", "seen", "none", "note", "place"], json.EnumerateObject().Select(property => property.Name));
            Assert.True(json.GetProperty("kind").GetString() is "a" or "b\"ä");
            Assert.InRange(json.GetProperty("size").GetInt32(), 1, 3);
            Assert.Equal(1.5m, json.GetProperty("price").GetDecimal());
            Assert.Equal(JsonValueKind.Null, json.GetProperty("none").ValueKind);
            Assert.Equal("n7", json.GetProperty("note").GetString());
            Assert.InRange(json.GetProperty("place").GetProperty("city").GetString()!.Length, 1, 4);
            Assert.Equal(JsonValueKind.Array, json.GetProperty("place").GetProperty("tags").ValueKind);
        });
    }

    [Fact]
    public void Values_come_from_a_file_beside_the_metadata_as_often_as_it_says()
    {
        File.WriteAllText(Path.Combine(_folder, "cities.csv"), "name,people\n\"Frankfurt, Main\",3\nKiel,1\n,9\nKiel,0\nNowhere,0\n");
        StreamModel Load(string from)
        {
            var path = Path.Combine(_folder, "metadata.json");
            File.WriteAllText(path, $$"""{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "x": {"type": "TEXT", "from": {{from}} } } } }""");
            return MetadataReader.Load(path);
        }

        var weighted = GeneratedColumn.Rows(Load("""{"file": "cities.csv", "column": "name", "weight": "people"}"""), 4000).Column<string>("t", "x").ToList();
        Assert.Equal(["Frankfurt, Main", "Kiel"], weighted.Distinct().Order());
        Assert.InRange(weighted.Count(value => value == "Kiel"), 850, 1150);
        Assert.Equal(3, GeneratedColumn.Rows(Load("\"cities.csv\""), 500).Column<string>("t", "x").Distinct().Count());
        Assert.Contains("has no column \"nam\". Did you mean \"name\"?", Refusal(() => Load("""{"file": "cities.csv", "column": "nam"}""")), StringComparison.Ordinal);
        Assert.Contains("the file \"towns.csv\" of \"from\" does not exist", Refusal(() => Load("\"towns.csv\"")), StringComparison.Ordinal);
        Assert.Contains("has the weight \"Frankfurt, Main\", but it must be a number", Refusal(() => Load("""{"file": "cities.csv", "weight": "name"}""")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"template\": \"{name\"", "a { is not closed")]
    [InlineData("\"template\": \"name}\"", "a } stands alone; write }} for the character")]
    [InlineData("\"template\": \"{}\"", "there is nothing between { and }")]
    [InlineData("\"template\": \"{id:0}\"", "only numbers, times and durations have a format, and the value is text")]
    [InlineData("\"template\": \"a text of more than ten characters\"", "its text alone has 34 characters, but the column takes only 10")]
    [InlineData("\"template\": \"{x}\"", "its values follow themselves: x -> x")]
    [InlineData("\"template\": \"a\", \"unique\": true", "its values must be unique, but \"template\" may make the same twice. Use seq, the number of the row, in it.")]
    [InlineData("\"template\": \"a\", \"values\": [\"b\"]", "\"values\" and \"template\" both define the values")]
    [InlineData("\"template\": \"a\", \"min\": 1", "\"template\" defines the values, but \"min\" defines others")]
    [InlineData("\"properties\": {\"a\": {\"type\": \"TEXT\"}}", "\"properties\" describe a JSON object, but the type is VARCHAR(10)")]
    [InlineData("\"when\": []", "\"when\" is empty")]
    [InlineData("\"when\": [{\"value\": \"a\"}, {\"if\": \"true\", \"value\": \"b\"}]", "an entry of \"when\" has no \"if\", so those after it are never looked at")]
    [InlineData("\"when\": [{\"if\": \"id\", \"value\": \"a\"}]", "the \"if\" id cannot be used: it is text, but a condition is true or false")]
    [InlineData("\"when\": [{\"if\": \"now() > '01/02/2026'::timestamp\", \"value\": \"a\"}]", "'01/02/2026' is not a time; write it as '2026-01-31'")]
    [InlineData("\"when\": [{\"if\": \"true\"}]", "an entry of \"when\" does not say what the values are")]
    [InlineData("\"when\": [{\"if\": \"true\", \"value\": \"a\", \"null\": true}]", "an entry of \"when\" defines the values twice")]
    [InlineData("\"when\": [{\"if\": \"true\", \"null\": true}], \"nullable\": false", "an entry of \"when\" requests NULLs, but \"nullable\": false forbids them")]
    [InlineData("\"when\": [{\"if\": \"true\", \"value\": \"far too long for it\"}]", "does not fit VARCHAR(10)")]
    [InlineData("\"from\": {\"file\": \"a\", \"query\": \"b\"}", "\"from\" must have either \"file\", \"query\" or \"table\"")]
    [InlineData("\"from\": {\"table\": \"a\"}", "\"from\" with \"table\" has no \"column\"")]
    [InlineData("\"enum\": []", "\"enum\" is empty")]
    [InlineData("\"max_length\": 5", "\"max_length\" needs STRING, TEXT or VARCHAR without a length")]
    [InlineData("\"foreign_key\": \"users\"", "\"foreign_key\" is \"users\", but it must name a parent table and its column. Write it as \"table.column\".")]
    public void A_wrong_rule_is_refused(string rule, string reason) => Assert.Contains(
        reason, Refusal(() => GeneratedColumn.Model($$"""{"type": "VARCHAR(10)", {{rule}}}""")), StringComparison.Ordinal);

    [Fact]
    public void A_check_that_says_what_a_column_is_makes_a_rule()
    {
        var model = MetadataReader.Parse("""
            {"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "net": {"type": "DECIMAL(8,2)"}, "tax": {"type": "DECIMAL(8,2)"},
                    "total": {"type": "DECIMAL(10,2)"}, "status": {"type": "TEXT", "values": ["open", "paid"]}, "paid_at": {"type": "TIMESTAMP"}},
                   "checks": ["total = (net + tax)", "CHECK (((status = 'paid'::text) = (paid_at IS NOT NULL)))"]}}
            """);
        Assert.Empty(model.Table("t").UnreadChecks);
        Assert.All(GeneratedColumn.Rows(model, 200).Table("t"), row =>
        {
            Assert.Equal((decimal)row[1]! + (decimal)row[2]!, row[3]);
            Assert.Equal((string)row[4]! == "paid", row[5] is not null);
        });
    }

    [Theory]
    [InlineData("net * 0.19 = total")] // the server would not round
    [InlineData("total = net / 2")]
    [InlineData("total = random()::numeric")]
    public void A_check_that_might_come_out_different_on_the_server_stays_unread(string check) => Assert.Single(MetadataReader.Parse(
        $$$$"""{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "net": {"type": "DECIMAL(8,2)"}, "total": {"type": "DECIMAL(10,2)"}}, "checks": ["{{{{check}}}}"]}}""")
        .Table("t").UnreadChecks);

    [Fact]
    public void An_own_generator_gets_blocks_and_makes_the_same_whatever_the_chunks()
    {
        var calls = new List<(long First, int Count)>();
        var own = new OwnGenerators();
        own.Add(new TestGenerator("test.code", (rows, random) =>
        {
            calls.Add((rows.First, rows.Count));
            return [.. rows.Select(row => $"{rows.Arguments["prefix"]}{row.Number}-{row["a"]}-{random.Next(1000)}")];
        }));
        var model = MetadataReader.Parse(
            """{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "a": {"type": "INTEGER"}, "x": {"type": "TEXT", "generator": {"kind": "test.code", "prefix": "P"}}}}}""",
            own: own);
        var plan = GeneratedRows.PlanOf(0, 0, 0, model: model) with { Rows = new Dictionary<string, long> { ["t"] = 2500 } };
        var whole = GeneratedRows.Of(plan);
        Assert.Equal([(1L, 1000), (1001L, 1000), (2001L, 500)], calls);
        Assert.Equal(whole.Column("t", "x"), GeneratedRows.Of(plan with { Chunks = 3 }).Column("t", "x"));
        Assert.StartsWith($"P1-{whole.Table("t")[0][1]}-", (string)whole.Table("t")[0][2]!, StringComparison.Ordinal);
        Assert.NotEqual(whole.Column("t", "x"), GeneratedRows.Of(plan with { Seed = 2 }).Column("t", "x"));
    }

    [Fact]
    public void An_own_generator_for_a_column_that_cannot_have_one_is_refused()
    {
        StreamModel For(string column)
        {
            var own = new OwnGenerators();
            own.AddFor(column, new TestGenerator(column, (rows, _) => [.. rows.Select(_ => (object?)"x")]));
            return MetadataReader.Load(null, own);
        }

        Assert.Equal("x", GeneratedRows.Of(GeneratedRows.PlanOf(1, 0, 0, model: For("users.city"))).Column("users", "city").Single());
        Assert.Contains("there is no such column. Did you mean \"users.city\"?", Refusal(() => For("users.ctiy")), StringComparison.Ordinal);
        Assert.Contains("its values come from a parent", Refusal(() => For("transactions.user_id")), StringComparison.Ordinal);
        Assert.Contains("its values come from a sequence", Refusal(() => For("detailed_transactions.id")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_own_generator_does_wrong_is_told()
    {
        string Refused(Func<GeneratorRows, IReadOnlyList<object?>> generate)
        {
            var own = new OwnGenerators();
            own.AddFor("users.age", new TestGenerator("mine", (rows, _) => generate(rows)));
            return Refusal(() => GeneratedRows.Of(GeneratedRows.PlanOf(3, 0, 0, model: MetadataReader.Load(null, own))));
        }

        Assert.Contains("The generator \"mine\" of \"users\".\"age\" failed: no luck.", Refused(_ => throw new InvalidOperationException("no luck.")), StringComparison.Ordinal);
        Assert.Contains("it made 1 values for 3 rows", Refused(_ => [1]), StringComparison.Ordinal);
        Assert.Contains("row 2 of the batch: old of the generator \"mine\" does not fit INTEGER", Refused(_ => [1, "old", 3]), StringComparison.Ordinal);
        Assert.Contains("it reads the column \"nam\", which does not exist (did you mean \"name\"?)", Refused(rows => rows["nam"]), StringComparison.Ordinal);
    }

    private static string Refusal(Action action) => Assert.Throws<StreamingException>(action).Message;

    private sealed class TestGenerator(string name, Func<GeneratorRows, Random, IReadOnlyList<object?>> generate) : IStreamingGenerator
    {
        public string Name => name;

        public string Description => "for tests";

        public IReadOnlyList<object?> Generate(GeneratorRows rows, Random random) => generate(rows, random);
    }
}
