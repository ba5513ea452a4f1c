using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Postal addresses, places and telephones: all columns about one place agree.</summary>
internal static class AddressGenerators
{
    private const int ShortPhone = 7;

    public static readonly GeneratorDefinition[] All =
    [
        new("address.street", GeneratorFamily.Text, "street with a house number", context => context.Pooled(PoolKind.Street)),
        new("address.city", GeneratorFamily.Text, "city of the locale's countries", context =>
            context.IsNumbered ? context.Pooled(context.Pools.Cities) : Text(context, PlaceText.City)),
        new("address.zip", GeneratorFamily.Text, "postal code of the city", context =>
            context.IsNumbered ? context.Pooled(PoolKind.Zip) : PostalCode(context)),
        new("address.state", GeneratorFamily.Text, "state or province of the city; its code where the column takes three characters or fewer", context =>
            context.IsNumbered ? context.Pooled(PoolKind.State)
            : Text(context, context.Length <= PlaceRules.LongestCode ? PlaceText.RegionCode : PlaceText.Region)),
        new("address.country", GeneratorFamily.Text, "country; that of the city, where there is one", context =>
            IsFree(context) ? context.Pooled(PoolKind.Country) : Text(context, PlaceText.Country)),
        new("address.country_code", GeneratorFamily.Text, "two-letter country code (ISO 3166-1); that of the city, where there is one", context =>
            IsFree(context) ? context.Pooled(PoolKind.CountryCode) : Text(context, PlaceText.CountryCode)),
        new("address.latitude", GeneratorFamily.Number, "-90 to 90; that of the city, where there is one", context => Degree(context, 90m, isLatitude: true)),
        new("address.longitude", GeneratorFamily.Number, "-180 to 180; that of the city, where there is one", context => Degree(context, 180m, isLatitude: false)),
        new("address.phone_prefix", GeneratorFamily.Text, "calling code of the country, such as +44", context => Text(context, PlaceText.PhonePrefix)),
        new("phone.number", GeneratorFamily.Text, "telephone number of the country, in a range reserved for fiction where it has one: +1 ... 555 01..", Phone),
    ];

    /// <summary>True for a column that no other of its row must agree with, or whose values must all differ.</summary>
    public static bool IsFree(GeneratorContext context) => context.IsNumbered || context.Entity.Columns.Count <= 1;

    /// <summary>A text of the row's place.</summary>
    public static PlaceTextColumn Text(GeneratorContext context, PlaceText text) => new(context.Place(), text, context.Length);

    private static ColumnGenerator PostalCode(GeneratorContext context) => context.Place() is var place
        && place.Places.Places.Max(known => known.PostalCode.Length) <= (context.Length ?? int.MaxValue)
            ? new PlaceNumberColumn(context.Random, place, known => known.PostalCode)
            : context.Pooled(PoolKind.Zip);

    private static ColumnGenerator Degree(GeneratorContext context, decimal most, bool isLatitude) =>
        !IsFree(context) && context.Allows(-most, most) && ValueScale.For(context.Column.Type) is { } scale && scale.Fits(most)
            ? new PlaceDegreeColumn(context.Place(), scale, isLatitude)
            : context.Scaled(-most, most);

    private static ColumnGenerator Phone(GeneratorContext context)
    {
        if (!context.IsNumbered && context.Place() is var place && place.Places.Places.Max(known => known.Phone.Length) <= (context.Length ?? int.MaxValue))
        {
            return new PlaceNumberColumn(context.Random, place, known => known.Phone);
        }

        return context.Pattern(context.Length < 15 ? "55501\\d{2}" : "\\+1-[2-9]\\d{2}-555-01\\d{2}");
    }
}

/// <summary>What the columns of a place ask of it.</summary>
internal static class PlaceRules
{
    /// <summary>The longest code of a region.</summary>
    public const int LongestCode = 3;

    /// <summary>What the columns that are about the same place as this one ask of it together.</summary>
    public static PlaceNeeds Needs(GeneratorContext context)
    {
        var group = context.Entity;
        return new PlaceNeeds(group.Locale ?? context.Column.Locale ?? context.Plan.Locale)
        {
            Countries = Countries(group),
            PostalCodeLength = group.Of("address.zip").Select(own => own.Column.Type.Length).Min(),
            RegionCodeLength = group.Of("address.state").Select(own => own.Column.Type.Length).Where(length => length <= LongestCode).Min(),
        };
    }

    /// <summary>The countries that have all that the columns ask for; null for all countries.</summary>
    private static string? Countries(EntityGroup group)
    {
        var named = group.Of("finance.iban", "finance.vat_number").Select(own => own.Choice.Arguments.GetValueOrDefault("country") as string)
            .FirstOrDefault(country => country is not null);
        if (named is not null)
        {
            return named.ToUpperInvariant();
        }

        var ibans = group.Of("finance.iban").Select(own => IbanColumn.CountriesFor(own.Column.Type.Length)).FirstOrDefault();
        var allowed = group.Has("finance.vat_number") ? VatNumber.Countries.Where(country => ibans?.Contains(country) != false).ToList() : ibans;
        return allowed is { Count: > 0 } ? string.Join(',', allowed) : null;
    }
}
