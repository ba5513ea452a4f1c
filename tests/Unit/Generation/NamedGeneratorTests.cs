using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>Every named generator makes what it says, for every seed and locale, and takes no memory of its own.</summary>
public sealed partial class NamedGeneratorTests
{
    private const int Seeds = 30;

    private static readonly int[] Lengths = [1, 2, 3, 5, 8, 13, 21, 34, 55];

    public static TheoryData<string> All => new(GeneratorRegistry.All.Select(definition => definition.Kind).Where(kind => kind != "default"));

    [Theory]
    [MemberData(nameof(All))]
    public void Rows_of_a_seed_repeat_and_those_of_another_differ(string kind)
    {
        var column = ColumnOf(kind, 200);

        Assert.Equal(GeneratedColumn.Values(column, 50, seed: 3), GeneratedColumn.Values(column, 50, seed: 3));
        Assert.NotEqual(GeneratedColumn.Values(column, 50, seed: 3), GeneratedColumn.Values(column, 50, seed: 4));
        Assert.DoesNotContain(null, GeneratedColumn.Values(column, 50, seed: 3));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_hundred_thousand_rows_take_no_memory_of_their_own(string kind)
    {
        const int Rows = 100_000;
        var generator = new BatchGenerator(
            GeneratedRows.PlanOf(0, 0, 0, model: GeneratedColumn.Model(ColumnOf(kind, 200))) with { Rows = new Dictionary<string, long> { ["t"] = Rows } }, 0).Table("t");
        using var block = new RowBlock();
        var writer = new RowWriter(block);
        Fill(generator, writer, block, Rows);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(generator, writer, block, Rows);

        // The run-time may take some for itself; a single object per row would be twenty times as much.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Rows);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Text_fits_a_column_of_any_length_or_is_refused_with_the_length_it_needs(string kind)
    {
        var made = 0;
        foreach (var length in Lengths.Where(_ => GeneratorRegistry.Of(kind).Family == GeneratorFamily.Text))
        {
            try
            {
                Assert.All(GeneratedColumn.Values<string>(ColumnOf(kind, length), 100), text => Assert.InRange(text.Length, 0, length));
                made++;
            }
            catch (StreamingException error)
            {
                Assert.Contains($"{length}", error.Message, StringComparison.Ordinal);
                Assert.Equal(0, made);
            }
        }
    }

    [Theory]
    [InlineData("internet.ip", @"^10\.\d{1,3}\.\d{1,3}\.\d{1,3}$")]
    [InlineData("internet.mac", "^02(:[0-9a-f]{2}){5}$")]
    [InlineData("internet.domain", @"^[a-z]{6}\.example$")]
    [InlineData("internet.url", @"^https://example\.com/\w+/[0-9a-z]+\.[0-9a-z]+$")]
    [InlineData("internet.user_name", @"^[a-z]+[._-]?[a-z]+\d*$")]
    [InlineData("commerce.sku", @"^[A-Z]{3}-\d{5}$")]
    [InlineData("commerce.barcode", @"^[1-9]\d{12}$")]
    [InlineData("phone.number", @"^\+(1-[2-9]\d{2}-555-01\d{2}|44 \d+ (\d+ )?\d+|353 20 91\d \d{4}|61 [2378] 5550 \d{4}|64 \d 000 \d{4})$")]
    [InlineData("address.phone_prefix", @"^\+\d{1,3}$")]
    [InlineData("finance.card_expiry", @"^(0[1-9]|1[0-2])/\d{2}$")]
    [InlineData("address.country_code", "^[A-Z]{2}$")]
    [InlineData("finance.currency_code", "^[A-Z]{3}$")]
    [InlineData("color.hex", "^#[0-9a-f]{6}$")]
    [InlineData("lorem.sentence", @"^[A-Z]\w*( \w+){3,9}\.$")]
    [InlineData("person.full_name", @"^\S+ .+$")]
    public void Text_has_its_form(string kind, string form)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            Assert.All(GeneratedColumn.Values<string>(ColumnOf(kind, 200), 100, seed), text => Assert.Matches(form, text));
        }
    }

    [Fact]
    public void Check_digits_of_accounts_are_right_in_every_country()
    {
        foreach (var country in GeneratorRegistry.Of("finance.iban").Arguments[0].Choices!)
        {
            foreach (var iban in GeneratedColumn.Values<string>($$"""{"type": "VARCHAR(34)", "generator": {"kind": "finance.iban", "country": "{{country}}"} }""", 500))
            {
                Assert.StartsWith(country, iban, StringComparison.Ordinal);
                var digits = string.Concat((iban[4..] + iban[..4]).Select(character =>
                    char.IsDigit(character) ? character.ToString() : (character - 'A' + 10).ToString(CultureInfo.InvariantCulture)));
                Assert.Equal(1, (int)(BigInteger.Parse(digits, CultureInfo.InvariantCulture) % 97));
            }
        }
    }

    [Theory]
    [InlineData("visa", 16, "4")]
    [InlineData("mastercard", 16, "51")]
    [InlineData("amex", 15, "37")]
    [InlineData("discover", 16, "6011")]
    public void The_last_digit_of_a_card_checks_the_others(string brand, int length, string prefix)
    {
        foreach (var card in GeneratedColumn.Values<string>($$"""{"type": "VARCHAR(19)", "generator": {"kind": "finance.credit_card", "brand": "{{brand}}"} }""", 2000))
        {
            Assert.Equal(length, card.Length);
            Assert.StartsWith(prefix, card, StringComparison.Ordinal);
            var sum = card.Reverse().Select((digit, place) => (digit - '0') * (place % 2 == 0 ? 1 : 2)).Sum(value => (value / 10) + (value % 10));
            Assert.Equal(0, sum % 10);
        }
    }

    [Theory]
    [InlineData("address.latitude", "DECIMAL(9,6)", -90, 90)]
    [InlineData("address.longitude", "DECIMAL(9,6)", -180, 180)]
    [InlineData("person.age", "INTEGER", 18, 90)]
    [InlineData("commerce.price", "DECIMAL(10,2)", 0.99, 999.99)]
    [InlineData("commerce.rating", "DECIMAL(2,1)", 1, 5)]
    [InlineData("commerce.rating", "INTEGER", 1, 5)]
    [InlineData("number.percent", "INTEGER", 0, 100)]
    [InlineData("number.share", "DECIMAL(5,4)", 0, 1)]
    public void Numbers_lie_between_their_bounds_and_reach_far(string kind, string type, double minimum, double maximum)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var values = GeneratedColumn.Values($$"""{"type": "{{type}}", "generator": "{{kind}}"}""", 1000, seed)
                .Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture)).ToArray();
            Assert.All(values, value => Assert.InRange(value, minimum, maximum));
            Assert.True(values.Max() - values.Min() > (maximum - minimum) / 4);
        }
    }

    [Fact]
    public void An_email_belongs_to_the_name_wherever_the_name_stands()
    {
        const string Names = """ "first_name": {"type": "VARCHAR(50)"}, "last_name": {"type": "VARCHAR(50)"}, """;
        var rows = GeneratedColumn.Rows(GeneratedColumn.Model("""{"type": "VARCHAR(120)", "generator": "internet.email"}""", Names), 500);

        Assert.All(rows.Table("t"), row =>
            Assert.Matches($@"^({Slug((string)row[1]!)}[._-]|{Slug((string)row[1]!)[..1]}){Slug((string)row[2]!)}\d*@", (string)row[3]!));
    }

    [Theory]
    [InlineData("is_active", 0.9)]
    [InlineData("has_been_deleted", 0.05)]
    [InlineData("left_handed", 0.5)]
    public void Flags_are_as_often_true_as_their_names_suggest(string name, double share)
    {
        var model = Core.Metadata.MetadataReader.Parse($$$"""{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "{{{name}}}": {"type": "BOOLEAN"} } } }""");

        Assert.InRange(GeneratedColumn.Rows(model, 5_000).Column<bool>("t", name).Average(value => value ? 1.0 : 0), share - 0.03, share + 0.03);
    }

    [Fact]
    public void A_column_has_its_own_locale() => Assert.NotEqual(
        GeneratedColumn.Values("""{"type": "VARCHAR(120)", "generator": "person.full_name", "locale": "ja"}""", 20),
        GeneratedColumn.Values("""{"type": "VARCHAR(120)", "generator": "person.full_name"}""", 20));

    [Fact]
    public void Every_generator_is_named_after_its_group_and_described()
    {
        Assert.All(GeneratorRegistry.All, definition =>
        {
            Assert.Matches(@"^[a-z]+(\.[a-z0-9_]+)?$", definition.Kind);
            Assert.NotEmpty(definition.Description);
        });
        Assert.Equal(GeneratorRegistry.All.Count, GeneratorRegistry.All.Select(definition => definition.Kind).Distinct().Count());
    }

    private static string ColumnOf(string kind, int length) => GeneratorRegistry.Of(kind).Family switch
    {
        GeneratorFamily.Text => $$"""{"type": "VARCHAR({{length}})", "generator": "{{kind}}"}""",
        GeneratorFamily.Number => $$"""{"type": "DECIMAL(12,2)", "generator": "{{kind}}"}""",
        GeneratorFamily.Time => $$"""{"type": "TIMESTAMP", "generator": "{{kind}}"}""",
        GeneratorFamily.Uuid => $$"""{"type": "UUID", "generator": "{{kind}}"}""",
        GeneratorFamily.Boolean => $$"""{"type": "BOOLEAN", "generator": "{{kind}}"}""",
        _ => $$"""{"type": "MACADDR", "generator": "{{kind}}"}""",
    };

    private static void Fill(TableGenerator generator, RowWriter writer, RowBlock block, int rows)
    {
        for (long row = 0; row < rows;)
        {
            block.Clear();
            writer.Use(block);
            row = generator.Fill(writer, row, rows);
        }
    }

    private static string Slug(string name) => Letters().Replace(name, "").ToLowerInvariant();

    [GeneratedRegex("[^A-Za-z0-9]", RegexOptions.CultureInvariant)]
    private static partial Regex Letters();
}
