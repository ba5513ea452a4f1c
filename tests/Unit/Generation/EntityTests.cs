using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>The columns of a row that are about one person, place, company, product or card agree.</summary>
public sealed partial class EntityTests
{
    private const int Seeds = 1000;
    private const int RowsPerSeed = 5;

    private static readonly StreamModel Example = MetadataReader.Parse(RepositoryFile.Read("examples/customers.json"));

    private static readonly string[] Locales = ["en", "de", "fr", "it", "es", "nl", "pl", "sv", "pt_PT", "ja", "en_US", "en_GB", "ru", "pt_BR", "nl_BE"];

    private static readonly Dictionary<(string Country, string City), string> Templates = RepositoryFile.Read("src/StreamingPg.Core/Generation/Random/places.tsv").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')).ToDictionary(field => (field[0], field[1]), field => field[7]);

    [Fact]
    public void A_customer_is_one_person_at_one_place_for_every_seed()
    {
        foreach (var row in Rows("customers"))
        {
            var names = ((string)row["first_name"]!, (string)row["last_name"]!);
            Assert.Equal($"{names.Item1} {names.Item2}", row["full_name"]);
            var pools = ValuePools.For(row.Locale);
            var local = ((string)row["email"]!).Split('@')[0];
            AssertNamed(pools, names, local);
            AssertNamed(pools, names, (string)row["user_name"]!);
            Assert.Matches(@"@(example\.(com|org|net)|[a-z]+\.example)$", (string)row["email"]!);

            var gender = pools.GendersOfFirstNames[pools.FirstNames.Values.ToList().IndexOf(names.Item1)];
            Assert.Contains((string)row["gender"]!, gender == Gender.Other ? ["female", "male", "other"] : new[] { gender.ToString().ToLowerInvariant(), "other" });

            Assert.Equal(AgeOf((DateOnly)row["birth_date"]!), row["age"]);

            var billing = AssertPlace(row, "billing_city", "billing_zip");
            Assert.Equal(billing.Region, row["billing_state"]);
            AssertPlace(row, "shipping_city", "shipping_zip");
            Assert.Equal(billing.Country.Currency, row["currency"]);
            Assert.Equal(billing.TimeZone, row["time_zone"]);
            Assert.StartsWith("+" + billing.Country.CallingCode, (string)row["phone"]!, StringComparison.Ordinal);
            Assert.InRange((double)(decimal)row["latitude"]!, billing.Latitude - 0.05, billing.Latitude + 0.05);
            Assert.InRange((double)(decimal)row["longitude"]!, billing.Longitude - 0.05, billing.Longitude + 0.05);
            AssertCard(row);
        }
    }

    [Fact]
    public void A_company_has_its_domain_and_the_numbers_of_its_country_for_every_seed()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var industries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in Rows("companies"))
        {
            var country = (string)row["country_code"]!;
            seen.Add(country);
            var (iban, vat) = ((string)row["iban"]!, (string)row["vat_number"]!);
            Assert.StartsWith(country, iban, StringComparison.Ordinal);
            Assert.Equal(1, Mod97(iban));
            Assert.StartsWith(country, vat, StringComparison.Ordinal);
            Assert.True(VatNumbers.IsValid(vat), vat);
            Assert.Equal(country, ((string)row["bic"]!)[4..6]);
            var place = Place.All.Single(known => known.City == (string)row["city"]! && known.Country.Code == country);
            Assert.Equal(place.Country.Currency, row["currency"]);
            Assert.EndsWith("@" + row["domain"], (string)row["contact_email"]!, StringComparison.Ordinal);
            var name = $"{row.Locale}: {row["company_name"]}";
            Assert.Equal(industries.TryGetValue(name, out var known) ? known : industries[name] = (string)row["industry"]!, row["industry"]);
        }

        Assert.Superset(new HashSet<string> { "DE", "FR", "GB", "IE", "IT", "ES", "NL", "PL", "SE", "PT" }, seen);
    }

    [Fact]
    public void Every_country_of_a_VAT_number_has_valid_ones()
    {
        foreach (var country in VatNumber.Countries)
        {
            var generator = $$"""{"kind": "finance.vat_number", "country": "{{country}}"}""";
            var numbers = GeneratedColumn.Values<string>($$"""{"type": "TEXT", "generator": {{generator}} }""", 500);
            var unique = GeneratedColumn.Values<string>($$"""{"type": "TEXT", "unique": true, "generator": {{generator}} }""", 500);
            Assert.All(numbers.Concat(unique), number => Assert.True(number.StartsWith(country, StringComparison.Ordinal) && VatNumbers.IsValid(number), number));
            Assert.Equal(500, unique.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void A_product_has_its_department_stock_number_and_price_and_an_order_the_place_of_its_customer()
    {
        var products = new Dictionary<string, (object?, object?, object?)>(StringComparer.Ordinal);
        for (var seed = 0; seed < 50; seed++)
        {
            var generated = Generate(seed, "en", customers: 5, orders: 20);
            var customers = generated.Table("customers").ToDictionary(row => (Guid)row[0]!, row => Named(generated, "customers", row));
            foreach (var order in generated.Table("orders").Select(row => Named(generated, "orders", row)))
            {
                var customer = customers[(Guid)order["customer_id"]!];
                Assert.Equal((customer["shipping_city"], customer["shipping_country"]), (order["city"], order["country"]));
                var product = (string)order["product_name"]!;
                var own = (order["department"], order["sku"], order["unit_price"]);
                Assert.Equal(products.TryGetValue(product, out var known) ? known : products[product] = own, own);
                var kind = ProductKind.Of(product);
                Assert.Equal(kind.Department, order["department"]);
                Assert.InRange((decimal)order["unit_price"]!, kind.Lowest - 1m, kind.Highest);
            }
        }
    }

    [Fact]
    public void Each_first_word_has_a_place_of_its_own_and_what_has_none_follows_the_first()
    {
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(200, 0, 0, model: MetadataReader.Parse("""
            {"users": {"columns": {"id": {"type": "UUID", "primary_key": true},
              "ship_city": {"type": "TEXT"}, "ship_country": {"type": "TEXT"}, "billCity": {"type": "TEXT"}, "billCountry": {"type": "TEXT"},
              "country": {"type": "TEXT"}, "from_currency": {"type": "TEXT"}, "to_currency": {"type": "TEXT"}, "author": {"type": "TEXT"}, "contact": {"type": "TEXT"},
              "email": {"type": "TEXT"}, "backup_email": {"type": "TEXT"} } } }
            """))).Table("users");

        Assert.All(rows, row => Assert.Contains((string)row[2]!, CountriesOf(row[1])));
        Assert.All(rows, row => Assert.Contains((string)row[4]!, CountriesOf(row[3])));
        Assert.Contains(rows, row => !Equals(row[1], row[3]));
        Assert.Contains(rows, row => !Equals(row[6], row[7]));
        Assert.Contains(rows, row => !Equals(row[8], row[9]));
        Assert.All(rows, row => Assert.NotEqual(row[10], row[11]));
    }

    [Fact]
    public void Short_columns_get_places_whose_codes_fit()
    {
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(500, 0, 0, model: MetadataReader.Parse("""
            {"users": {"columns": {"id": {"type": "UUID", "primary_key": true},
              "city": {"type": "TEXT"}, "state": {"type": "CHAR(2)"}, "zip": {"type": "CHAR(5)"}, "country_code": {"type": "CHAR(2)"} } } }
            """))).Table("users");

        Assert.All(rows, row => Assert.Contains(Place.All, place =>
            (place.City, place.RegionCode, place.Country.Code) == ((string)row[1]!, (string)row[2]!, (string)row[4]!) && place.PostalCode.Length == ((string)row[3]!).Length));
        Assert.All(rows, row => Assert.True(row[4] is "US" or "AU"));
    }

    [Fact]
    public void An_address_at_a_company_needs_room_and_a_narrow_column_has_a_short_one()
    {
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(300, 0, 0, model: MetadataReader.Parse("""
            {"users": {"columns": {"id": {"type": "UUID", "primary_key": true}, "name": {"type": "TEXT"}, "company": {"type": "TEXT"},
              "email": {"type": "VARCHAR(24)"}, "work_email": {"type": "VARCHAR(80)"} } } }
            """))).Table("users");

        Assert.All(rows, row => Assert.InRange(((string)row[3]!).Length, 8, 24));
        Assert.All(rows, row => Assert.Matches(@"^[a-z]+[._-]?[a-z]+\d*@[a-z]{4,}\.example$", (string)row[4]!));
        Assert.Equal((300, 300), (rows.Select(row => row[3]).Distinct().Count(), rows.Select(row => row[4]).Distinct().Count()));
    }

    [Fact]
    public void A_bounded_birth_date_has_the_ages()
    {
        var rows = GeneratedRows.Of(GeneratedRows.PlanOf(2000, 0, 0, model: MetadataReader.Parse("""
            {"users": {"columns": {"id": {"type": "UUID", "primary_key": true}, "age": {"type": "SMALLINT"},
              "birth_date": {"type": "DATE", "min": "2000-01-01", "max": "2010-12-31"} } } }
            """))).Table("users");

        Assert.All(rows, row => Assert.Equal(AgeOf((DateOnly)row[2]!), (short)row[1]!));
    }

    private static int AgeOf(DateOnly birth)
    {
        var today = DateOnly.FromDateTime(BatchPlan.FixedReferenceTime);
        return today.Year - birth.Year - (birth.AddYears(today.Year - birth.Year) > today ? 1 : 0);
    }

    private static Place AssertPlace(Row row, string city, string zip)
    {
        var place = Place.All.First(known => known.City == (string)row[city]! && IsOf(known, (string)row[zip]!));
        var country = (string)row[city.Replace("city", "country", StringComparison.Ordinal)]!;
        Assert.Contains(country, new[] { place.Country.Name, place.Country.OwnName });
        return place;
    }

    /// <summary>As the table has it: [a-b] is a number between, # a digit, @ a letter.</summary>
    private static bool IsOf(Place place, string postalCode)
    {
        var template = Templates[(place.Country.Code, place.City)];
        var range = Range().Match(template);
        var pattern = Regex.Escape(range.Success ? template.Replace(range.Value, "~", StringComparison.Ordinal) : template)
            .Replace("~", $@"(?<number>\d{{{range.Groups["from"].Length}}})", StringComparison.Ordinal).Replace(@"\#", @"\d", StringComparison.Ordinal).Replace("@", "[A-Z]", StringComparison.Ordinal);
        var match = Regex.Match(postalCode, $"^{pattern}$", RegexOptions.CultureInvariant);
        return match.Success && (!range.Success || (Number(match, "number") >= Number(range, "from") && Number(match, "number") <= Number(range, "to")));
    }

    private static long Number(Match match, string group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[(?<from>\d+)-(?<to>\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Range();

    private static IEnumerable<string> CountriesOf(object? city) => Place.All.Where(place => place.City == (string)city!).Select(place => place.Country.Name);

    private static void AssertNamed(ValuePools pools, (string First, string Last) names, string text)
    {
        var (first, last) = (Slug(pools.FirstNames, pools.FirstNameSlugs, names.First), Slug(pools.LastNames, pools.LastNameSlugs, names.Last));
        Assert.Matches($@"^({first}[._-]{last}|{first[..1]}{last})\d*$", text);
    }

    private static string Slug(Utf8Pool names, Utf8Pool slugs, string name) => slugs.Values[names.Values.ToList().IndexOf(name)];

    private static void AssertCard(Row row)
    {
        var number = (string)row["card_number"]!;
        var prefix = (string)row["card_brand"]! switch { "Visa" => "4", "Mastercard" => "51", "American Express" => "37", _ => "6011" };
        Assert.StartsWith(prefix, number, StringComparison.Ordinal);
        Assert.Equal(0, number.Reverse().Select((digit, place) => place % 2 == 0 ? digit - '0' : ((digit - '0') * 2 / 10) + ((digit - '0') * 2 % 10)).Sum() % 10);
        var expiry = ((string)row["card_expiry"]!).Split('/');
        var month = new DateTime(2000 + int.Parse(expiry[1], CultureInfo.InvariantCulture), int.Parse(expiry[0], CultureInfo.InvariantCulture), 1, 0, 0, 0, DateTimeKind.Utc);
        Assert.InRange(month, BatchPlan.FixedReferenceTime.AddDays(1), BatchPlan.FixedReferenceTime.AddYears(5));
    }

    private static int Mod97(string iban) => (int)(BigInteger.Parse(string.Concat((iban[4..] + iban[..4]).Select(character =>
        char.IsAsciiDigit(character) ? character.ToString() : (character - 'A' + 10).ToString(CultureInfo.InvariantCulture))), CultureInfo.InvariantCulture) % 97);

    private static IEnumerable<Row> Rows(string table)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var locale = Locales[seed % Locales.Length];
            var generated = Generate(seed, locale, customers: table == "customers" ? RowsPerSeed : 0, companies: table == "companies" ? RowsPerSeed : 0);
            foreach (var row in generated.Table(table))
            {
                yield return Named(generated, table, row) with { Locale = locale };
            }
        }
    }

    private static GeneratedRows Generate(long seed, string locale, long customers = 0, long companies = 0, long orders = 0) => GeneratedRows.Of(
        GeneratedRows.PlanOf(0, 0, 0, seed, batchNumber: seed + 1, model: Example) with
        {
            Locale = locale,
            Rows = new Dictionary<string, long> { ["customers"] = customers, ["companies"] = companies, ["orders"] = orders },
        });

    private static Row Named(GeneratedRows generated, string table, object?[] values) =>
        new("en", generated.Plan.Model.Table(table).Columns.Select((column, index) => (column.Name, values[index])).ToDictionary(own => own.Name, own => own.Item2));

    private sealed record Row(string Locale, Dictionary<string, object?> Values)
    {
        public object? this[string column] => Values[column];
    }
}
