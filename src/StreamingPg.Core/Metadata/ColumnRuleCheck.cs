using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Rejects rules of columns that no generator can keep: before any row is made, with the column and the remedy.</summary>
internal static class ColumnRuleCheck
{
    private static readonly CountedRandom AnyRandom = CountedRandom.FromSeed(0);

    /// <summary>Checks every column.</summary>
    /// <exception cref="StreamingException">A rule cannot be kept.</exception>
    public static void Check(StreamModel model, string source)
    {
        foreach (var table in model.Tables)
        {
            foreach (var column in table.Columns)
            {
                var place = new MetadataPlace(source, $"{table.Name}.{column.Name}");
                Check(place, column);
                ColumnLinkCheck.Check(model, table, column, place);
            }

            RuleCheck.Check(model, table, source);
        }
    }

    private static void Check(MetadataPlace place, ColumnModel column)
    {
        if (column.Generator is { } generator)
        {
            CheckGenerator(place, column, generator);
        }

        if (column.Locale is { } locale && !ValuePools.IsKnown(locale))
        {
            throw place.Error($"there is no locale \"{locale}\"", MetadataError.Suggest(locale, ValuePools.Locales.ToList()));
        }

        foreach (var source in column.When.Select(entry => entry.Source).OfType<ColumnModel>())
        {
            Check(place, source);
        }

        foreach (var property in column.Rule is ObjectRule json ? json.Properties : [])
        {
            Check(place.Of(property.Name), property);
        }

        try
        {
            CheckValues(column);
        }
        catch (FormatException exception)
        {
            throw place.Error(exception.Message);
        }
    }

    private static void CheckGenerator(MetadataPlace place, ColumnModel column, GeneratorModel generator)
    {
        var definition = GeneratorRegistry.Find(generator.Kind) ?? throw place.Error(
            $"there is no generator \"{generator.Kind}\"", SuggestGenerator(generator.Kind, column));
        if (!GeneratorRegistry.Fits(definition, column.Type))
        {
            throw place.Error(
                $"the generator \"{generator.Kind}\" generates {Describe(definition.Family)}, but the type is {column.Type.ToSql()}",
                "Use another generator or another type.");
        }

        foreach (var (name, value) in generator.Arguments)
        {
            var argument = definition.Arguments.FirstOrDefault(argument => argument.Name == name) ?? throw place.Error(
                $"the generator \"{generator.Kind}\" has no argument \"{name}\"",
                definition.Arguments.Count == 0
                    ? "It has no arguments."
                    : MetadataError.Suggest(name, [.. definition.Arguments.Select(argument => argument.Name)]));
            if (argument.WhyWrong(value) is { } reason)
            {
                throw place.Error(reason);
            }
        }
    }

    /// <summary>The nearest name; where none is near, those of the same group, or all that fit the type.</summary>
    private static string SuggestGenerator(string kind, ColumnModel column)
    {
        var group = kind.Split('.')[0] + ".";
        var known = GeneratorRegistry.All.Select(definition => definition.Kind).ToList();
        var near = MetadataError.Suggest(kind, known);
        return near.StartsWith("Did", StringComparison.Ordinal) ? near
            : known.Exists(name => name.StartsWith(group, StringComparison.Ordinal))
                ? MetadataError.Suggest(kind, known.FindAll(name => name.StartsWith(group, StringComparison.Ordinal)))
                : MetadataError.Suggest(kind, [.. GeneratorRegistry.All.Where(definition => GeneratorRegistry.Fits(definition, column.Type)).Select(definition => definition.Kind)]);
    }

    /// <summary>Makes what the rules describe, and throws it away: only what can be made is right.</summary>
    private static void CheckValues(ColumnModel column)
    {
        if (column.Values is not null)
        {
            _ = new WeightedValueColumn(AnyRandom, column.Type, column.Values);
        }

        if (column.Pattern is not null)
        {
            RequireText(column, "pattern");
            _ = new PatternColumn(AnyRandom, column.Pattern, column.Type.Length);
        }

        if (column.Minimum is null && column.Maximum is null && column.Distribution is null)
        {
            return;
        }

        if (GeneratorRegistry.FamilyOf(column.Type) == GeneratorFamily.Text)
        {
            _ = LengthColumn.Lengths(AnyRandom, column);
            return;
        }

        if (column is { Type.Kind: ColumnKind.Bytea, Distribution: null })
        {
            _ = BytesColumn.LengthOf(column);
            return;
        }

        var scale = ValueScale.For(column.Type) ?? throw new FormatException(
            $"\"{(column.Distribution is null ? "min\" and \"max" : "distribution")}\" need numbers, times or text, but the type is {column.Type.ToSql()}");
        var bounds = StepBounds.Of(column, scale, BatchPlan.FixedReferenceTime);
        _ = StepSources.Create(column.Distribution, scale, AnyRandom, bounds);
    }

    private static void RequireText(ColumnModel column, string rule)
    {
        if (GeneratorRegistry.FamilyOf(column.Type) != GeneratorFamily.Text)
        {
            throw new FormatException($"\"{rule}\" generates text, but the type is {column.Type.ToSql()}");
        }
    }

    private static string Describe(GeneratorFamily family) => family switch
    {
        GeneratorFamily.Text => "text",
        GeneratorFamily.Number => "numbers",
        GeneratorFamily.Time => "times",
        GeneratorFamily.Uuid => "UUIDs",
        _ => "other values",
    };
}
