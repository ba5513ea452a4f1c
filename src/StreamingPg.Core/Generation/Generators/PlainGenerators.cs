using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Values of types for which there is nothing more to say.</summary>
internal static class PlainGenerators
{
    private const int Half = 50;

    public static readonly GeneratorDefinition[] All =
    [
        new("any", GeneratorFamily.Any, "any value of the type", Plain),
        new("boolean", GeneratorFamily.Boolean, "true or false", context =>
            context.Arguments.Count == 0 ? Plain(context) : new BooleanColumn(context.Random, context.Number("true_percent", Half)))
        {
            Arguments = [new("true_percent", "percentage of true") { Minimum = 0, Maximum = 100 }],
        },
        new("default", GeneratorFamily.Any, "none: the column gets its default on the server", _ => new NullColumn()),
    ];

    /// <summary>Any values of the column's type.</summary>
    public static ColumnGenerator Plain(GeneratorContext context) =>
        new PlainColumns(context.Pools, context.ReferenceTime).Create(context.Column.Type, context.Random);
}
