using StreamingPg.Core.Checks;

namespace StreamingPg.Tests.Unit.Checks;

/// <summary>What is read out of CHECK constraints, as people write them and as the server prints them.</summary>
public sealed class CheckReaderTests
{
    [Theory]
    [InlineData("price >= 0", "price AtLeast 0")]
    [InlineData("CHECK ((price > (0)::numeric))", "price MoreThan 0")]
    [InlineData("0 < price AND price<=-1", "price MoreThan 0; price AtMost -1")]
    [InlineData("CHECK (((VALUE >= 1901) AND (VALUE <= 2155)))", "value AtLeast 1901; value AtMost 2155")]
    [InlineData("age BETWEEN 18 AND 90 AND \"Name\" IS NOT NULL", "age AtLeast 18; age AtMost 90; Name NotNull")]
    [InlineData("age NOT BETWEEN 18 AND 90", "age LessThan 18")]
    [InlineData("NOT (age < 18 OR age > 90)", "age AtLeast 18; age AtMost 90")]
    [InlineData("CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))", "status OneOf a|it's")]
    [InlineData("status IN ('a', 'b')", "status OneOf a|b")]
    [InlineData("status = 'a' OR status IN ('b', 'c')", "status OneOf a|b|c")]
    [InlineData("CHECK ((kind <> ALL (ARRAY['x'::text, 'y'::text])))", "kind NoneOf x|y")]
    [InlineData("kind NOT IN (1, 2)", "kind NoneOf 1|2")]
    [InlineData("kind <> ''", "kind NoneOf ")]
    [InlineData("CHECK ((end_date >= start_date))", "start_date AtMostColumn end_date")]
    [InlineData("t.low < t.high", "low LessThanColumn high")]
    [InlineData("CHECK ((char_length((code)::text) = 5))", "code LengthAtLeast 5; code LengthAtMost 5")]
    [InlineData("CHECK (((VALUE IS NULL) OR (octet_length(VALUE) = 20)))", "value OctetsAtLeast 20; value OctetsAtMost 20")]
    [InlineData("length(btrim(code)) > 0", "code LengthAtLeast 1")]
    [InlineData("CHECK ((length(TRIM(BOTH FROM VALUE)) > 10))", "value LengthAtLeast 11")]
    [InlineData("CHECK ((TRIM(BOTH FROM name) <> ''::text))", "name LengthAtLeast 1")]
    [InlineData("trim(leading from name) <> '' and name = TRIM(BOTH FROM name)", "name LengthAtLeast 1")]
    [InlineData("CHECK (((code)::text ~ '^[A-Z]{2}$'::text))", "code Matches ^[A-Z]{2}$")]
    [InlineData("code LIKE 'A\\_%'", "code Matches ^A_.*$")]
    [InlineData("CHECK (((birthday)::timestamp without time zone <= now()))", "birthday NotInFuture")]
    [InlineData("born < CURRENT_DATE", "born NotInFuture")]
    [InlineData("price IS NULL OR price > 0", "price MoreThan 0")]
    [InlineData("a > 0 OR b IS NOT NULL", "b NotNull")]
    [InlineData("lower(a) = a OR b < 3", "b LessThan 3")]
    [InlineData("is_active", "is_active OneOf true")]
    [InlineData("NOT is_active", "is_active OneOf false")]
    [InlineData("is_active IS TRUE", "is_active OneOf true; is_active NotNull")]
    [InlineData("begun >= '2020-01-01'::date AND begun < date '2030-01-01'", "begun AtLeast 2020-01-01; begun LessThan 2030-01-01")]
    [InlineData("price = NULL", "price OneOf null")]
    [InlineData("true", "")]
    public void Simple_checks_are_understood(string expression, string rules)
    {
        var reading = CheckReader.Read(expression);

        Assert.Null(reading.WhyNot);
        Assert.Equal(rules, string.Join("; ", reading.Rules.Select(rule => $"{rule.Column} {rule.Kind} {string.Join('|', rule.Operands)}".TrimEnd(rule.Operands.Count == 0 ? ' ' : '\n'))));
    }

    [Theory]
    [InlineData("price = round(price, 2)")]
    [InlineData("lower(email) = email")]
    [InlineData("a + b <= 100")]
    [InlineData("a <> b")]
    [InlineData("due >= now()")]
    [InlineData("(price)::integer > 3")]
    [InlineData("(a IS NULL) = (b IS NULL)")]
    [InlineData("num_nonnulls(a, b) = 1")]
    [InlineData("CASE WHEN a THEN b ELSE c END")]
    [InlineData("EXTRACT(year FROM a) > 2000")]
    [InlineData("code ~ '^(?!x)'")]
    [InlineData("code !~ 'x'")]
    [InlineData("a > ANY (ARRAY[1, 2])")]
    [InlineData("a IS NULL")]
    [InlineData("status IN (SELECT 1)")]
    [InlineData("a > 'open")]
    [InlineData("a >")]
    [InlineData("a > 1)")]
    [InlineData("a b")]
    [InlineData("a : b")]
    [InlineData("")]
    public void What_is_not_understood_is_not_guessed(string expression)
    {
        var reading = CheckReader.Read(expression);

        Assert.NotNull(reading.WhyNot);
        Assert.Empty(reading.Rules);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        Assert.NotNull(CheckReader.Read(new string('(', 100_000) + "a" + new string(')', 100_000)).WhyNot);
        Assert.NotNull(CheckReader.Read(string.Concat(Enumerable.Repeat("not ", 100_000)) + "a").WhyNot);
        Assert.NotNull(CheckReader.Read($"a ~ '{new string('(', 100_000)}'").WhyNot);
    }

    [Fact]
    public void Mutated_checks_never_crash()
    {
        string[] seeds =
        [
            "CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))",
            "CHECK (((code)::text ~ '^[A-Z]{2}[^a-c](x|y)+\\d$'::text)) AND a BETWEEN -1 AND +2.5e3 OR NOT b IS NULL",
        ];
        const string Alphabet = "()[]{}'\",.:;<>=!~*+-?^$|\\ aZ09_%";
        var random = new Random(20); // counted: the same mutations in every run
        for (var round = 0; round < 20_000; round++)
        {
            var text = seeds[round % seeds.Length].ToCharArray().ToList();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var place = random.Next(text.Count);
                if (random.Next(2) == 0)
                {
                    text.RemoveAt(place);
                }
                else
                {
                    text.Insert(place, Alphabet[random.Next(Alphabet.Length)]);
                }
            }

            var reading = CheckReader.Read(string.Concat(text));
            Assert.True(reading.WhyNot is null || reading.Rules.Count == 0);
        }
    }
}
