using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Names and what belongs to people.</summary>
internal static class PersonGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("person.full_name", GeneratorFamily.Text, "first and last name", context =>
            new PersonNameColumn(context.Random, context.Pools, context.Length)),
        new("person.first_name", GeneratorFamily.Text, "first name", context => context.Pooled(context.Pools.FirstNames)),
        new("person.last_name", GeneratorFamily.Text, "last name", context => context.Pooled(context.Pools.LastNames)),
        new("person.prefix", GeneratorFamily.Text, "title, such as Dr. or Mrs.", context => context.Pooled(PoolKind.NamePrefix)),
        new("person.job_title", GeneratorFamily.Text, "job", context => context.Pooled(PoolKind.JobTitle)),
        new("person.gender", GeneratorFamily.Text, "female, male or other", context =>
            context.Length is null or >= 6
                ? new WeightedTextColumn(context.Random, context.Length, ("female", 49), ("male", 49), ("other", 2))
                : new WeightedTextColumn(context.Random, context.Length, ("f", 49), ("m", 49), ("x", 2))),
        new("person.age", GeneratorFamily.Number, "age of an adult, 18 to 90", context => context.Scaled(18m, 90m)),
    ];
}

/// <summary>Postal addresses, places and telephones.</summary>
internal static class AddressGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("address.street", GeneratorFamily.Text, "street with a house number", context => context.Pooled(PoolKind.Street)),
        new("address.city", GeneratorFamily.Text, "city", context => context.Pooled(context.Pools.Cities)),
        new("address.zip", GeneratorFamily.Text, "postal code", context => context.Pooled(PoolKind.Zip)),
        new("address.state", GeneratorFamily.Text, "state or province", context => context.Pooled(PoolKind.State)),
        new("address.country", GeneratorFamily.Text, "country", context => context.Pooled(PoolKind.Country)),
        new("address.country_code", GeneratorFamily.Text, "two-letter country code (ISO 3166-1)", context => context.Pooled(PoolKind.CountryCode)),
        new("address.latitude", GeneratorFamily.Number, "-90 to 90", context => context.Scaled(-90m, 90m)),
        new("address.longitude", GeneratorFamily.Number, "-180 to 180", context => context.Scaled(-180m, 180m)),
        new("phone.number", GeneratorFamily.Text, "telephone number in the range reserved for fiction, +1 ... 555 01..", context =>
            context.Pattern(context.Length < 15 ? "55501\\d{2}" : "\\+1-[2-9]\\d{2}-555-01\\d{2}")),
    ];
}
