using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Generators;

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
        new("color.hex", GeneratorFamily.Text, "color such as #1a2b3c", context => context.Pattern("#[0-9a-f]{6}")),
    ];

    private static GeneratorArgument Count => new("words", "number of words") { Minimum = 1, Maximum = MostWords };

    private static WordsColumn Words(GeneratorContext context, int least, int most, bool isSentence) => new(
        context.Random, context.Pools.Words, context.Number("words", least), context.Number("words", most), isSentence, context.Length);
}
