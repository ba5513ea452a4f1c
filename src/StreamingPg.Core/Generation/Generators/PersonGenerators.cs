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
