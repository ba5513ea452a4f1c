using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Unique columns never have a value twice, and a batch that would need more is refused before a row is made.</summary>
public sealed class UniqueValueTests
{
    public static TheoryData<string, int> Columns => new()
    {
        { """{"type": "INTEGER", "unique": true, "min": -50, "max": 49}""", 100 },
        { """{"type": "SMALLINT", "unique": true}""", 32_767 },
        { """{"type": "DECIMAL(4,2)", "unique": true, "min": 0, "max": 0.99}""", 100 },
        { """{"type": "DATE", "unique": true, "min": "2024-01-01", "max": "2024-12-31"}""", 366 },
        { """{"type": "TIMESTAMP", "unique": true, "min": "2024-01-01T00:00:00", "max": "2024-01-01T00:00:00.000099"}""", 100 },
        { """{"type": "VARCHAR(3)", "unique": true, "pattern": "[a-c]{1,3}"}""", 39 },
        { """{"type": "VARCHAR(9)", "unique": true, "values": {"a": 9, "b": 1, "c": 0.001}}""", 3 },
        { """{"type": "INTEGER", "unique": true, "min": 1, "max": 80, "distribution": "zipf"}""", 80 },
    };

    [Theory]
    [MemberData(nameof(Columns))]
    public void All_values_there_are_come_once_and_one_more_is_refused(string column, int count)
    {
        for (var seed = 0; seed < (count > 1000 ? 2 : 20); seed++)
        {
            Assert.Equal(count, GeneratedColumn.Values(column, count, seed).Distinct().Count());
        }

        var error = Assert.Throws<StreamingException>(() => GeneratedColumn.Values(column, count + 1));
        Assert.Equal(("UniqueValuesExhausted", StreamingErrorKind.ResourceExhausted, "t.x"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains($"\"t\".\"x\" can have only {count} more distinct values, but {count + 1} were requested.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_generator_of_unique_values_gives_different_ones_or_says_why_it_cannot()
    {
        var made = 0;
        foreach (var definition in GeneratorRegistry.All.Where(definition => definition.Family is not GeneratorFamily.Any))
        {
            var type = definition.Family switch
            {
                GeneratorFamily.Text => "VARCHAR(200)",
                GeneratorFamily.Number => "DECIMAL(12,4)",
                GeneratorFamily.Time => "TIMESTAMP",
                GeneratorFamily.Boolean => "BOOLEAN",
                _ => "UUID",
            };
            try
            {
                Assert.Equal(150, GeneratedColumn.Values($$"""{"type": "{{type}}", "unique": true, "generator": "{{definition.Kind}}"}""", 150).Distinct().Count());
                made++;
            }
            catch (StreamingException error)
            {
                Assert.Contains("\"t\".\"x\"", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(made > 35, $"{made} generators can be unique.");
    }

    [Theory]
    [InlineData("VARCHAR(20)", "code")]
    [InlineData("INTEGER", "number_of_nothing")]
    [InlineData("BIGINT", "external_id")]
    [InlineData("TIMESTAMP", "at")]
    [InlineData("VARCHAR(90)", "name")]
    public void A_unique_column_without_rules_has_enough_values(string type, string name)
    {
        var model = MetadataReader.Parse($$$"""{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "{{{name}}}": {"type": "{{{type}}}", "unique": true} } } }""");

        Assert.Equal(20_000, GeneratedColumn.Rows(model, 20_000).Column("t", name).Distinct().Count());
    }

    [Theory]
    [InlineData("INTEGER")]
    [InlineData("VARCHAR(12)")]
    [InlineData("CHAR(8)")]
    [InlineData("DATE", 700)]
    public void A_primary_key_of_any_type_is_unique(string type, int rows = 5000)
    {
        var model = MetadataReader.Parse($$$"""{"t": {"columns": {"code": {"type": "{{{type}}}", "primary_key": true} } } }""");

        Assert.Equal(rows, GeneratedColumn.Rows(model, rows).Column("t", "code").Distinct().Count());
    }

    [Fact]
    public void Columns_are_unique_together_across_parts_for_every_seed()
    {
        var model = MetadataReader.Parse(
            """
            {"t": {"unique": [["a", "b"], ["b", "c", "d"]], "columns": {
                "id": {"type": "UUID", "primary_key": true},
                "a": {"type": "INTEGER", "min": 1, "max": 20}, "b": {"type": "VARCHAR(1)", "values": ["x", "y", "z"]},
                "c": {"type": "INTEGER", "min": 1, "max": 9}, "d": {"type": "DATE", "min": "2024-01-01", "max": "2024-01-31"} } } }
            """);
        for (var seed = 0; seed < 50; seed++)
        {
            var rows = GeneratedRows.Of(GeneratedRows.PlanOf(0, 0, 0, seed, model: model) with { Rows = new Dictionary<string, long> { ["t"] = 60 }, Chunks = 3 });
            Assert.Equal(60, rows.Table("t").Select(row => (row[1], row[2])).Distinct().Count());
            Assert.Equal(60, rows.Table("t").Select(row => (row[2], row[3], row[4])).Distinct().Count());
        }

        var error = Assert.Throws<StreamingException>(() => GeneratedColumn.Rows(model, 61));
        Assert.Contains("\"t\".\"a\", \"t\".\"b\" can have only 60 more distinct values together, but 61 were requested.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nulls_may_repeat_and_values_may_not()
    {
        var values = GeneratedColumn.Values("""{"type": "INTEGER", "unique": true, "null_ratio": 0.5, "min": 1, "max": 1000}""", 1000);

        Assert.InRange(values.Count(value => value is null), 400, 600);
        Assert.Equal(values.Count(value => value is not null), values.Where(value => value is not null).Distinct().Count());
    }

    [Fact]
    public void Numbers_that_are_taken_are_left_out()
    {
        var random = new Random(1);
        for (var seed = 0; seed < 200; seed++)
        {
            var stream = CountedRandom.FromSeed(seed);
            var all = new UniqueNumbers(stream, 100, []);
            long[] taken = [.. Enumerable.Range(0, 100).Where(_ => random.Next(3) == 0).Select(place => (long)place)];
            var free = new UniqueNumbers(stream, 100, taken);

            var numbers = Enumerable.Range(0, 100 - taken.Length).Select(row => free.At(row)).ToList();

            Assert.Equal(Enumerable.Range(0, 100).Select(place => (long)place).Except(taken).Select(all.AtPlace), numbers);
        }
    }

    [Fact]
    public void What_cannot_be_counted_is_refused()
    {
        var error = Assert.Throws<StreamingException>(() => GeneratedColumn.Values("""{"type": "INTEGER[]", "unique": true}""", 10));

        Assert.Contains("\"t\".\"x\" cannot be generated: they must be unique, but its generator cannot count its distinct values.", error.Message, StringComparison.Ordinal);
    }
}
