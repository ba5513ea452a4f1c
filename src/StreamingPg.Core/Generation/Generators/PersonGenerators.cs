using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Names and what belongs to people: all columns about one person agree.</summary>
internal static class PersonGenerators
{
    private const decimal Youngest = 18;
    private const decimal Oldest = 90;

    public static readonly GeneratorDefinition[] All =
    [
        new("person.full_name", GeneratorFamily.Text, "first and last name", context => new PersonNameColumn(context.Person(), context.Length)),
        new("person.first_name", GeneratorFamily.Text, "first name", context =>
            context.IsNumbered ? context.Pooled(context.Pools.FirstNames) : new FirstNameColumn(context.Person(), context.Length)),
        new("person.last_name", GeneratorFamily.Text, "last name", context =>
            context.IsNumbered ? context.Pooled(context.Pools.LastNames) : new LastNameColumn(context.Person(), context.Length)),
        new("person.prefix", GeneratorFamily.Text, "title, such as Dr. or Mrs.", context =>
            context.IsNumbered ? context.Pooled(PoolKind.NamePrefix) : new PrefixColumn(context.Random, context.Person(), context.Length)),
        new("person.job_title", GeneratorFamily.Text, "job", context => context.Pooled(PoolKind.JobTitle)),
        new("person.gender", GeneratorFamily.Text, "female, male or other, as the first name has it", context => new GenderColumn(context.Person(), context.Length))
        {
            Texts = [.. GenderColumn.Words, .. GenderColumn.Letters],
        },
        new("person.age", GeneratorFamily.Number, "age of an adult, 18 to 90; that of the row's birth date at the reference time", Age),
    ];

    /// <summary>True when ages follow the birth dates of their rows: these have bounds, and the ages have none.</summary>
    public static bool AgesFollow(EntityGroup group) =>
        group.Of("time.birth_date").Any(birth => IsBounded(birth.Column)) && !group.Of("person.age").Any(age => !CheckBounds.Allow(age.Column, Youngest, Oldest));

    /// <summary>Birth dates, those of the ages in the row where it has any.</summary>
    public static ColumnGenerator BirthDate(GeneratorContext context)
    {
        var today = context.Plan.ReferenceTime.Date;
        if (!context.IsNumbered && Values(context, "person.age") is ScaledColumn ages
            && ValueScale.For(context.Entity.Of("person.age").First().Column.Type)!.StepsPerUnit is var stepsPerYear
            && context.Allows(BirthDays.Before(today, ages.Highest / stepsPerYear + 1), BirthDays.Before(today, ages.Lowest / stepsPerYear)))
        {
            return new BirthDateColumn(
                context.Random, new BirthDays(context.Plan.ReferenceTime), ages, stepsPerYear, context.Column.Type.Kind == ColumnKind.Date);
        }

        return context.Scaled(BirthDays.Before(today, (double)Oldest), BirthDays.Before(today, (double)Youngest));
    }

    private static ColumnGenerator Age(GeneratorContext context) =>
        !context.IsNumbered && AgesFollow(context.Entity) && Values(context, "time.birth_date") is ScaledColumn births
            ? new AgeColumn(new BirthDays(context.Plan.ReferenceTime), births, ValueScale.For(context.Column.Type)!)
            : context.Scaled(Youngest, Oldest);

    private static bool IsBounded(ColumnModel column) => column.Minimum is not null || column.Maximum is not null || column.Distribution is not null;

    /// <summary>The values of a kind that the person has in another column, which is made already and has its own in each row.</summary>
    private static ColumnGenerator? Values(GeneratorContext context, string kind) =>
        context.Entity.Of(kind).FirstOrDefault().Column is { } column && !context.Table.Table.MayBeNumbered(column)
            ? context.Table.Columns[context.Table.Table.IndexOf(column.Name)] is OptionalColumn optional
                ? optional.Values
                : context.Table.Columns[context.Table.Table.IndexOf(column.Name)]
            : null;
}
