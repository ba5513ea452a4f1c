using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace StreamingPg.Core.Generation.Random;

/// <summary>A country: what its people pay with, and how they are called.</summary>
/// <param name="Code">ISO 3166-1.</param>
/// <param name="Name">English name.</param>
/// <param name="OwnName">Name in its own language.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="CallingCode">ITU E.164.</param>
/// <param name="Locales">Locales whose people live there.</param>
/// <param name="Phone">Template of telephone numbers; {} stands for what the place has.</param>
internal sealed record Country(string Code, string Name, string OwnName, string Currency, string CallingCode, string[] Locales, string Phone);

/// <summary>A city with all that follows from it.</summary>
/// <param name="Country">Its country.</param>
/// <param name="City">Its name.</param>
/// <param name="Region">State, province or county.</param>
/// <param name="RegionCode">Code of the region (ISO 3166-2).</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="PostalCode">Template of its postal codes.</param>
/// <param name="Phone">Template of its telephone numbers.</param>
internal sealed record Place(
    Country Country, string City, string Region, string RegionCode, double Latitude, double Longitude, string TimeZone,
    DigitTemplate PostalCode, DigitTemplate Phone)
{
    /// <summary>All places, in the order of the embedded table.</summary>
    public static IReadOnlyList<Place> All => Read.Value;

    private static readonly Lazy<IReadOnlyList<Place>> Read = new(ReadAll);

    private static List<Place> ReadAll()
    {
        var countries = Lines("countries.tsv").Select(field => new Country(
            field[0], field[1], field[2], field[3], field[4], field[5].Split(',', StringSplitOptions.RemoveEmptyEntries), field[6]))
            .ToDictionary(country => country.Code, StringComparer.Ordinal);
        return
        [
            .. from field in Lines("places.tsv")
               let country = countries[field[0]]
               select new Place(
                   country,
                   field[1],
                   field[2],
                   field[3],
                   double.Parse(field[4], CultureInfo.InvariantCulture),
                   double.Parse(field[5], CultureInfo.InvariantCulture),
                   field[6],
                   DigitTemplate.Of(field[7]),
                   DigitTemplate.Of(country.Phone.Replace("{}", field[8], StringComparison.Ordinal))),
        ];
    }

    private static IEnumerable<string[]> Lines(string resource)
    {
        using var reader = new StreamReader(typeof(Place).Assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line.Split('\t');
            }
        }
    }
}

/// <summary>What the columns of a table ask of the places that their rows are at.</summary>
/// <param name="Locale">Locale of the rows.</param>
internal sealed record PlaceNeeds(string Locale)
{
    /// <summary>The only countries that will do; null for any.</summary>
    public string? Countries { get; init; }

    /// <summary>Maximum characters of a postal code; null for no limit.</summary>
    public int? PostalCodeLength { get; init; }

    /// <summary>Maximum characters of the code of a region; null for no limit.</summary>
    public int? RegionCodeLength { get; init; }

    /// <summary>True when a place meets the needs, its locale aside.</summary>
    public bool AreMetBy(Place place) => AllowsCountryOf(place)
        && place.PostalCode.Length <= (PostalCodeLength ?? int.MaxValue) && place.RegionCode.Length <= (RegionCodeLength ?? int.MaxValue);

    /// <summary>True when the country of a place will do.</summary>
    public bool AllowsCountryOf(Place place) => Countries?.Split(',').Contains(place.Country.Code, StringComparer.OrdinalIgnoreCase) != false;
}

/// <summary>The places that rows of a locale are at, and the texts of each.</summary>
internal sealed class PlaceSet
{
    private static readonly ConcurrentDictionary<PlaceNeeds, PlaceSet> Known = new();

    private readonly ConcurrentDictionary<PlaceText, Utf8Pool> _pools = new();
    private readonly bool _isEnglish;

    private PlaceSet(IReadOnlyList<Place> places, string locale)
    {
        Places = places;
        _isEnglish = locale.StartsWith("en", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The places.</summary>
    public IReadOnlyList<Place> Places { get; }

    /// <summary>
    /// The places of a locale that meet the needs of a table: of all places where the locale has none (nobody in the USA has an IBAN), whatever
    /// their codes are where none is short enough.
    /// </summary>
    public static PlaceSet For(PlaceNeeds needs) => Known.GetOrAdd(needs, static needs =>
    {
        List<Place>[] choices =
        [
            [.. OfLocale(needs.Locale).Where(needs.AreMetBy)],
            [.. Place.All.Where(needs.AreMetBy)],
            [.. OfLocale(needs.Locale).Where(needs.AllowsCountryOf)],
            [.. Place.All.Where(needs.AllowsCountryOf)],
            [.. OfLocale(needs.Locale)],
        ];
        return new PlaceSet(choices.First(choice => choice.Count > 0), needs.Locale);
    });

    /// <summary>One text per place, in the order of <see cref="Places"/>.</summary>
    public Utf8Pool Texts(PlaceText text) => _pools.GetOrAdd(text, _ => new Utf8Pool([.. Places.Select(place => Text(place, text))]));

    private string Text(Place place, PlaceText text) => text switch
    {
        PlaceText.City => place.City,
        PlaceText.Region => place.Region,
        PlaceText.RegionCode => place.RegionCode,
        PlaceText.Country => _isEnglish ? place.Country.Name : place.Country.OwnName,
        PlaceText.CountryCode => place.Country.Code,
        PlaceText.TimeZone => place.TimeZone,
        PlaceText.Currency => place.Country.Currency,
        _ => "+" + place.Country.CallingCode,
    };

    /// <summary>de-DE and de_DE are taken as well as de; a locale that nobody lives in is taken for English.</summary>
    private static IEnumerable<Place> OfLocale(string locale)
    {
        var wanted = locale.Replace('-', '_');
        foreach (var name in (ReadOnlySpan<string>)[wanted, wanted.Split('_')[0]])
        {
            List<Place> found = [.. Place.All.Where(place => place.Country.Locales.Contains(name, StringComparer.OrdinalIgnoreCase))];
            if (found.Count > 0)
            {
                return found;
            }
        }

        return Place.All.Where(place => place.Country.Locales.Contains("en", StringComparer.Ordinal));
    }
}

/// <summary>What a text says of a place.</summary>
internal enum PlaceText
{
    /// <summary>The city.</summary>
    City,

    /// <summary>State, province or county.</summary>
    Region,

    /// <summary>The code of the region.</summary>
    RegionCode,

    /// <summary>The country, in English or its own language.</summary>
    Country,

    /// <summary>ISO 3166-1.</summary>
    CountryCode,

    /// <summary>IANA name of the time zone.</summary>
    TimeZone,

    /// <summary>ISO 4217.</summary>
    Currency,

    /// <summary>Calling code, such as +44.</summary>
    PhonePrefix,
}
