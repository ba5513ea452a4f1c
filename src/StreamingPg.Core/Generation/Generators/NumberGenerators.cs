using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Numbers.</summary>
internal static class NumberGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("number", GeneratorFamily.Number, "numbers from min to max, by default 0 to 1000 or the number of digits of the column; in a key, the numbers after the highest existing one", Number),
        new("number.percent", GeneratorFamily.Number, "0 to 100", context => context.Scaled(0m, 100m)),
        new("number.share", GeneratorFamily.Number, "0 to 1", context => context.Scaled(0m, 1m)),
        new("number.year", GeneratorFamily.Number, "a year in the last thirty", context =>
            context.Scaled((decimal)(context.Plan.ReferenceTime.Year - 30), (decimal)context.Plan.ReferenceTime.Year)),
        new("number.rank", GeneratorFamily.Number, "1 to 100", context => context.Scaled(1m, 100m)),
    ];

    private static ColumnGenerator Number(GeneratorContext context) => context.Column switch
    {
        { Minimum: null, Maximum: null, Distribution: null } when !context.IsNumbered => PlainGenerators.Plain(context),

        // Where no two may be the same, a thousand numbers are soon used up.
        { Maximum: null, Distribution: null, IsUnique: true } => context.Scaled(1m, Highest(context.Column.Type)),
        _ => context.Scaled(),
    };

    private static decimal Highest(ColumnType type)
    {
        var scale = ValueScale.For(type)!;
        return decimal.Floor(scale.HighestDistinct / (decimal)scale.StepsPerUnit);
    }
}
