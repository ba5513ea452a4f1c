using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

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
        context.Column.Type.Kind == ColumnKind.Bytea
            ? new BytesColumn(context.Random, BytesColumn.LengthOf(context.Column))
            : new PlainColumns(context.Pools, context.ReferenceTime).Create(context.Column.Type, context.Random);
}

/// <summary>Values that tell rows apart.</summary>
internal static class KeyGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("uuid.v7", GeneratorFamily.Uuid, "UUID that starts with the time of the batch (RFC 9562)", TimeOrdered),
        new("uuid.v4", GeneratorFamily.Uuid, "random UUID (RFC 9562)", context => new RandomUuidColumn(context.Random)),
    ];

    /// <summary>UUIDs in the order of the rows.</summary>
    public static UuidKeyColumn TimeOrdered(GeneratorContext context) => new(context.Random, context.Plan.KeyTime);
}

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
        new("number.epoch", GeneratorFamily.Number, "time as the seconds, of BIGINT the milliseconds, since 1970; the times of a row in their natural order", Epoch),
        new("number.rank", GeneratorFamily.Number, "1 to 100", context => context.Scaled(1m, 100m)),
    ];

    private static ColumnGenerator Number(GeneratorContext context) => context.Column switch
    {
        { Minimum: null, Maximum: null, Distribution: null } when !context.IsNumbered => PlainGenerators.Plain(context),

        // Where no two may be the same, a thousand numbers are soon used up.
        { Maximum: null, Distribution: null, IsUnique: true } => context.Scaled(1m, Highest(context.Column.Type)),
        _ => context.Scaled(),
    };

    private static ColumnGenerator Epoch(GeneratorContext context) =>
        context is { IsNumbered: false, Column: { Minimum: null or decimal and <= 1, Maximum: null, Distribution: null, Type.IsInteger: true } }
            && context.Column.Type.Kind != ColumnKind.SmallInteger
            ? new EpochColumn(
                CountedRandom.FromSeed(context.Plan.Seed).Derive(context.Plan.BatchNumber).Derive(context.Table.Table.Name).Derive("epoch"),
                context.ReferenceTime,
                context.Column)
            : Number(context);

    private static decimal Highest(ColumnType type)
    {
        var scale = ValueScale.For(type)!;
        return decimal.Floor(scale.HighestDistinct / (decimal)scale.StepsPerUnit);
    }
}

/// <summary>Words, sentences and codes.</summary>
internal static class TextGenerators
{
    private const int MostWords = 200;

    public static readonly GeneratorDefinition[] All =
    [
        new("lorem.word", GeneratorFamily.Text, "one word", context => context.Pooled(context.Pools.Words)),
        new("lorem.words", GeneratorFamily.Text, "two to four words", context => Words(context, 2, 4, isSentence: false)) { Arguments = [Count] },
        new("lorem.sentence", GeneratorFamily.Text, "a sentence of four to ten words", context => Words(context, 4, 10, isSentence: true)) { Arguments = [Count] },
        new("lorem.paragraph", GeneratorFamily.Text, "twenty to sixty words", context => Words(context, 20, 60, isSentence: true)) { Arguments = [Count] },
        new("text.code", GeneratorFamily.Text, "letters and digits: eight, or as many as fit the column", context =>
            context.Pattern($"[A-Z0-9]{{{Math.Min(8, context.Length ?? 8)}}}")),
        new("text.uuid", GeneratorFamily.Text, "UUID as text, starting with the time of the batch (RFC 9562); in less than 36 characters, hexadecimal digits", Uuid),
        new("text.name", GeneratorFamily.Text, "name of a team, a project or another thing: two words", context => context.Pooled(PoolKind.ThingName)),
        new("text.version", GeneratorFamily.Text, "version such as 1.4.2", context =>
            context.Pattern(context.Length < 3 ? "[1-9]" : context.Length < 7 ? "[1-9]\\.\\d" : "[1-9]\\.\\d{1,2}\\.\\d{1,2}")),
        new("color.hex", GeneratorFamily.Text, "color such as #1a2b3c", context => context.Pattern("#[0-9a-f]{6}")),
    ];

    private static ColumnGenerator Uuid(GeneratorContext context) => context.Length < UuidTextColumn.Length
        ? context.Pattern($"[0-9a-f]{{{context.Length}}}")
        : new UuidTextColumn(KeyGenerators.TimeOrdered(context));

    private static GeneratorArgument Count => new("words", "number of words") { Minimum = 1, Maximum = MostWords };

    private static WordsColumn Words(GeneratorContext context, int least, int most, bool isSentence) => new(
        context.Random, context.Pools.Words, context.Number("words", least), context.Number("words", most), isSentence, context.Length);
}
