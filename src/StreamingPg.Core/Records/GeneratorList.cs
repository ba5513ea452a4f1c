using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Records;

/// <summary>Lists generators and locales, with values that they make.</summary>
internal static class GeneratorList
{
    private const int Samples = 3;

    // Of these, whole numbers alone would say too little.
    private static readonly string[] WithFraction =
        ["commerce.price", "finance.amount", "number.share", "address.latitude", "address.longitude"];

    // What Bogus calls otherwise than everybody else.
    private static readonly Dictionary<string, string> CultureOf = new() { ["cz"] = "cs", ["ge"] = "ka", ["nep"] = "ne", ["en_IND"] = "en_IN" };

    /// <summary>The generators of StreamingPg and the user's own.</summary>
    /// <param name="own">The user's own.</param>
    /// <param name="names">Their names, in which * and ? stand for others; empty means all.</param>
    /// <param name="locale">Locale of the samples.</param>
    /// <exception cref="StreamingException">A name without * is unknown, or so is the locale.</exception>
    public static IReadOnlyList<StreamingGenerator> Of(OwnGenerators own, IReadOnlyList<string> names, string locale)
    {
        ArgumentNullException.ThrowIfNull(own);
        ValuePools.For(locale);
        var known = GeneratorRegistry.All.Select(definition => definition.Kind).Concat(own.All.Select(generator => generator.Name)).ToList();
        if (names.FirstOrDefault(name => name.AsSpan().IndexOfAny('*', '?') < 0 && !known.Contains(name)) is { } unknown)
        {
            throw new StreamingException(
                ErrorIds.GeneratorUnknown, StreamingErrorKind.NotFound, $"There is no generator \"{unknown}\".", MetadataError.Suggest(unknown, known), unknown);
        }

        bool IsWanted(string name) => names.Count == 0
            || names.Any(pattern => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name));
        return
        [
            .. GeneratorRegistry.All.Where(definition => IsWanted(definition.Kind)).Select(definition => Describe(definition, locale)),
            .. own.All.Where(generator => IsWanted(generator.Name)).Select(generator => Describe(own, generator, locale)),
        ];
    }

    /// <summary>The locales.</summary>
    public static IReadOnlyList<StreamingLocale> Locales() => [.. ValuePools.Locales.Order(StringComparer.Ordinal).Select(locale => new StreamingLocale
    {
        Name = locale,
        Language = CultureInfo.GetCultureInfo(CultureOf.GetValueOrDefault(locale, locale).Replace('_', '-')).EnglishName,
        Samples = SamplesOf("TEXT", "person.full_name", locale, own: null),
    })];

    private static StreamingGenerator Describe(GeneratorDefinition definition, string locale) => new()
    {
        Name = definition.Kind,
        Type = definition.Family.ToString().ToLowerInvariant(),
        Description = definition.Description,
        Arguments = [.. definition.Arguments.Select(argument => new StreamingGeneratorArgument(argument.Name, Describe(argument)))],
        Samples = definition.Kind == GeneratorModel.ServerDefault ? [] : SamplesOf(TypeOf(definition), definition.Kind, locale, own: null),
    };

    private static StreamingGenerator Describe(OwnGenerators own, IStreamingGenerator generator, string locale) => new()
    {
        Name = generator.Name,
        Type = GeneratorFamily.Any.ToString().ToLowerInvariant(),
        Description = generator.Description,
        Samples = SamplesOf("TEXT", generator.Name, locale, own),
        IsOwn = true,
    };

    private static string Describe(GeneratorArgument argument) => argument.Choices is { } choices
        ? $"{argument.Description} ({string.Join(", ", choices)})"
        : string.Create(CultureInfo.InvariantCulture, $"{argument.Description} (whole number, {argument.Minimum} to {argument.Maximum})");

    private static string TypeOf(GeneratorDefinition definition) => definition.Family switch
    {
        GeneratorFamily.Number => definition.Kind == "number.epoch" ? "BIGINT" : WithFraction.Contains(definition.Kind) ? "NUMERIC(10,4)" : "INTEGER",
        GeneratorFamily.Time => definition.Kind == "time.birth_date" ? "DATE" : "TIMESTAMP(0)",
        GeneratorFamily.Boolean => "BOOLEAN",
        GeneratorFamily.Uuid => "UUID",
        _ => "TEXT",
    };

    /// <summary>Values of a column; none of an own generator that cannot make any without the columns of its table.</summary>
    private static IReadOnlyList<string> SamplesOf(string type, string kind, string locale, OwnGenerators? own)
    {
        var json = $$"""{ "samples": { "columns": { "id": { "type": "UUID", "primary_key": true }, "sample": { "type": "{{type}}", "generator": "{{kind}}" } } } }""";
        var model = MetadataReader.Parse(json, own: own);
        using var maker = new RowMaker(model, new GenerationOptions { Seed = 1, Locale = locale });
        try
        {
            return [.. maker.Make(model.Table("samples"), Samples).Select(row => row[1] is { } value ? ValueText.Of(value) : "NULL")];
        }
        catch (StreamingException) when (own is not null)
        {
            return []; // it reads columns that only its own table has
        }
    }
}
