using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Bogus;
using Bogus.Bson;

namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// The pools of a locale: names, cities, products. Bogus supplies them once per process; rows choose from them, because Bogus
/// itself takes a lock for every value (its issue 631).
/// </summary>
internal sealed class ValuePools
{
    private const int CityCount = 1000;
    private const int ProductCount = 500;
    private const int OtherCount = 500;
    private const int LongestDomain = 24;

    // The pools must be the same for every batch that ever runs: prices belong to products, whatever the seed.
    private const int PoolSeed = 20_000_101;

    private static readonly ConcurrentDictionary<string, Lazy<ValuePools>> ByLocale = new(StringComparer.Ordinal);

    private readonly string _locale;
    private readonly ConcurrentDictionary<PoolKind, Lazy<Utf8Pool>> _others = new();

    private ValuePools(string locale)
    {
        _locale = locale;
        var faker = new Faker(locale) { Random = new Randomizer(PoolSeed) };
        var firstNames = Names(locale, "first_name", "male_first_name", "female_first_name");
        GendersOfFirstNames = GendersOf(firstNames, locale);
        var lastNames = Names(locale, "last_name", "male_last_name", "female_last_name");
        FirstNames = new Utf8Pool(firstNames);
        LastNames = new Utf8Pool(lastNames);
        FirstNameSlugs = new Utf8Pool([.. firstNames.Select(name => Slug(name, locale))]);
        LastNameSlugs = new Utf8Pool([.. lastNames.Select(name => Slug(name, locale))]);
        Cities = new Utf8Pool(Distinct(CityCount, () => faker.Address.City()));
        Words = new Utf8Pool(Distinct(200, () => faker.Lorem.Word()));
        Products = [.. Distinct(ProductCount, () => faker.Commerce.ProductName()).Select(name => new Product(name, PriceOf(name)))];
        ProductNames = new Utf8Pool([.. Products.Select(product => product.Name)]);
    }

    /// <summary>First names.</summary>
    public Utf8Pool FirstNames { get; }

    /// <summary>The gender that each of <see cref="FirstNames"/> is for; <see cref="Gender.Other"/> where it is for both.</summary>
    public IReadOnlyList<Gender> GendersOfFirstNames { get; }

    /// <summary>Last names.</summary>
    public Utf8Pool LastNames { get; }

    /// <summary>The first names as e-mail addresses have them: lower-case ASCII letters.</summary>
    public Utf8Pool FirstNameSlugs { get; }

    /// <summary>The last names as e-mail addresses have them.</summary>
    public Utf8Pool LastNameSlugs { get; }

    /// <summary>Cities.</summary>
    public Utf8Pool Cities { get; }

    /// <summary>Plain words.</summary>
    public Utf8Pool Words { get; }

    /// <summary>The catalogue.</summary>
    public IReadOnlyList<Product> Products { get; }

    /// <summary>The names of <see cref="Products"/>, in the same order.</summary>
    public Utf8Pool ProductNames { get; }

    /// <summary>A pool that few columns ask for; made at the first call.</summary>
    internal Utf8Pool Of(PoolKind kind) => _others.GetOrAdd(kind, _ => new Lazy<Utf8Pool>(() => MakePool(kind))).Value;

    /// <summary>The locales there are.</summary>
    public static IReadOnlyList<string> Locales { get; } = Database.GetAllLocales();

    /// <summary>The pools of a locale; made at the first call.</summary>
    /// <exception cref="StreamingException">The locale is unknown.</exception>
    public static ValuePools For(string locale) => Find(locale).Value;

    /// <summary>True when a text names a locale.</summary>
    public static bool IsKnown(string locale) => FindName(locale) is not null;

    /// <summary>Begins to make the pools of a locale on another thread, while there is something else to wait for.</summary>
    /// <exception cref="StreamingException">The locale is unknown.</exception>
    public static void Prepare(string locale)
    {
        var pools = Find(locale);
        if (!pools.IsValueCreated)
        {
            _ = Task.Run(() => pools.Value);
        }
    }

    private static Lazy<ValuePools> Find(string locale)
    {
        ArgumentNullException.ThrowIfNull(locale);
        if (ByLocale.TryGetValue(locale, out var pools))
        {
            return pools;
        }

        var known = FindName(locale) ?? throw new StreamingException(
            ErrorIds.UnknownLocale,
            StreamingErrorKind.InvalidInput,
            $"There is no locale \"{locale}\".",
            $"Use one of: {string.Join(", ", Locales)}.",
            locale);
        return ByLocale.GetOrAdd(locale, _ => new Lazy<ValuePools>(() => new ValuePools(known)));
    }

    /// <summary>de-DE and de_DE are taken as well as the names that Bogus uses (de, de_AT).</summary>
    private static string? FindName(string locale)
    {
        var wanted = locale.Replace('-', '_');
        return Locales.FirstOrDefault(name => name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? Locales.FirstOrDefault(name => name.Equals(wanted.Split('_')[0], StringComparison.OrdinalIgnoreCase));
    }

    private Utf8Pool MakePool(PoolKind kind)
    {
        // Each has a randomizer of its own: which pools were made before does not matter.
        var faker = new Faker(_locale) { Random = new Randomizer(PoolSeed + 1 + (int)kind) };
        var values = kind switch
        {
            PoolKind.Street => Distinct(OtherCount, () => faker.Address.StreetAddress()),
            PoolKind.Zip => Distinct(OtherCount, () => faker.Address.ZipCode()),
            PoolKind.Country => Distinct(OtherCount, faker.Address.Country),
            PoolKind.CountryCode => Distinct(OtherCount, () => faker.Address.CountryCode()),
            PoolKind.State => Distinct(OtherCount, faker.Address.State),
            PoolKind.Department => Distinct(OtherCount, () => faker.Commerce.Department(1)),
            PoolKind.Company => Distinct(OtherCount, () => faker.Company.CompanyName()),
            PoolKind.JobTitle => Distinct(OtherCount, faker.Name.JobTitle),
            PoolKind.NamePrefix => Distinct(OtherCount, () => faker.Name.Prefix()),
            PoolKind.ProductDescription => Distinct(OtherCount, faker.Commerce.ProductDescription),
            PoolKind.UserAgent => Distinct(OtherCount / 5, faker.Internet.UserAgent),
            PoolKind.CurrencyCode => Distinct(OtherCount, () => faker.Finance.Currency().Code),
            PoolKind.ThingName => Distinct(OtherCount, () => ThingNames.Pick(most => faker.Random.Int(0, most - 1))),
            PoolKind.FemalePrefix => Distinct(OtherCount, () => faker.Name.Prefix(Bogus.DataSets.Name.Gender.Female)),
            PoolKind.MalePrefix => Distinct(OtherCount, () => faker.Name.Prefix(Bogus.DataSets.Name.Gender.Male)),
            PoolKind.CompanyDomain => Domains(),
            PoolKind.Industry => IndustriesOf(),
            PoolKind.ProductDepartment => Departments(),
            PoolKind.ProductSku => Skus(),
            PoolKind.Color => Distinct(OtherCount, faker.Commerce.Color),
            _ => Distinct(OtherCount, () => faker.System.FileName()),
        };

        // Not every locale has everything: no states, no prefixes.
        return values.Count > 0 ? new Utf8Pool(values) : For("en").Of(kind);
    }

    private static string[] Names(string locale, params ReadOnlySpan<string> lists)
    {
        var names = new List<string>();
        foreach (var list in lists)
        {
            names.AddRange(List(locale, list));
            if (names.Count > 0 && list is "first_name" or "last_name")
            {
                break;
            }
        }

        var distinct = names.Where(name => !string.IsNullOrWhiteSpace(name)).Distinct(StringComparer.Ordinal).ToArray();
        var language = locale.Split('_')[0];
        return distinct.Length > 0 ? distinct : Names(language != locale && Locales.Contains(language) ? language : "en", lists);
    }

    // Another locale to fall back on would be English, whose list hides those per gender.
    private static List<string> List(string locale, string list) => Database.Get("name", list, locale, locale) is BArray array
        ? [.. array.OfType<BValue>().Select(value => value.StringValue?.Trim() ?? "")]
        : [];

    private static List<string> Distinct(int count, Func<string> make)
    {
        // A locale may have fewer values than are requested; then all it has will do.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var values = new List<string>();
        for (var attempt = 0; attempt < 4 * count && values.Count < count; attempt++)
        {
            var value = make()?.Trim(); // some lists have blanks
            if (!string.IsNullOrEmpty(value) && seen.Add(value))
            {
                values.Add(value);
            }
        }

        return values;
    }

    private static string Slug(string name, string locale)
    {
        var latin = Transliterater.Translate(name, locale.Split('_')[0]).Normalize(NormalizationForm.FormD);
        var slug = new StringBuilder(latin.Length);
        foreach (var character in latin)
        {
            if (char.IsAsciiLetter(character))
            {
                slug.Append(char.ToLowerInvariant(character));
            }
        }

        // Scripts that do not transliterate: letters for the digits of the code points stand for the name.
        return slug.Length > 0
            ? slug.ToString()
            : string.Concat(name.EnumerateRunes().Take(4).SelectMany(rune => rune.Value.ToString("x", CultureInfo.InvariantCulture))
                .Select(digit => (char)('a' + Convert.ToInt32(digit.ToString(), 16))));
    }

    /// <summary>A list price between 0.99 and 999.99, most of them low, that depends on the name alone.</summary>
    private static int PriceOf(string name) => ProductKind.Of(name).Price(RandomOf(name));

    /// <summary>What depends on a name alone.</summary>
    private static CountedRandom RandomOf(string name) => CountedRandom.FromSeed(PoolSeed).Derive(name);

    private List<string> Departments()
    {
        var all = Of(PoolKind.Department);
        return [.. Products.Select(product => ProductKind.Of(product.Name) is { Department.Length: > 0 } kind
            ? kind.Department
            : all.Values[(int)RandomOf(product.Name).Below(2, all.Count)])];
    }

    /// <summary>Letters of what it is and a number.</summary>
    private List<string> Skus() =>
    [
        .. Products.Select(product => $"{Slug(product.Name.Split(' ')[^1], _locale).PadRight(3, 'x')[..3].ToUpperInvariant()}-{RandomOf(product.Name).Below(3, 100_000):00000}"),
    ];

    private List<string> Domains() => [.. Of(PoolKind.Company).Values.Select(name => Utf8Pool.Cut(Slug(name.Replace(" and ", " ", StringComparison.Ordinal), _locale), LongestDomain) + ".example")];

    private List<string> IndustriesOf() => [.. Of(PoolKind.Company).Values.Select(name => Industries.All[RandomOf(name).Below(4, Industries.All.Length)])];

    /// <summary>The gender that each first name is for; <see cref="Gender.Other"/> where it is for both, or nobody says.</summary>
    private static Gender[] GendersOf(string[] firstNames, string locale)
    {
        string[] locales = [locale, locale.Split('_')[0], "en"];
        HashSet<string> Of(string list) => locales.Where(Locales.Contains).Select(name => List(name, list)).FirstOrDefault(found => found.Count > 0)?.ToHashSet(StringComparer.Ordinal) ?? [];
        var (female, male) = (Of("female_first_name"), Of("male_first_name"));
        return [.. firstNames.Select(name => female.Contains(name) == male.Contains(name) ? Gender.Other : female.Contains(name) ? Gender.Female : Gender.Male)];
    }
}
