using StreamingPg.Core.Keys;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Makes the generator of a column that refers to nothing.</summary>
internal sealed class ColumnChoice(BatchPlan plan, ValuePools pools)
{
    // Whoever has more room than this has it for what the name says.
    private const int NarrowText = 20;

    // Of this number of texts, two rows hardly ever have the same one.
    private const long ManyTexts = 1L << 48;

    /// <summary>True when a column's values follow those of another column of its row, which must be chosen before.</summary>
    public static bool FollowsAnother(TableModel table, ColumnModel column) =>
        column.HasRule || GeneratorChooser.ChooseOwn(table, column).Kind switch
        {
            "commerce.price" or "commerce.department" or "commerce.sku" or "after" => true,
            "time.birth_date" => !PersonGenerators.AgesFollow(EntityGroups.Of(table, column)),
            "person.age" => PersonGenerators.AgesFollow(EntityGroups.Of(table, column)),
            _ => false,
        };

    /// <summary>The generator of a column of <paramref name="table"/>.</summary>
    /// <param name="table">Its table; a column that this one follows is set already.</param>
    /// <param name="column">The column.</param>
    /// <param name="random">Random stream of the column.</param>
    /// <param name="earliest">The time that a row's own time must not precede, or null.</param>
    /// <exception cref="StreamingException">The column cannot be filled as metadata asks.</exception>
    public ColumnGenerator Choose(
        TableGenerator table, ColumnModel column, CountedRandom random, Func<long, long?>? earliest)
    {
        try
        {
            var values = Values(table, column, random, earliest);
            values = column.Tried.Count == 0 ? values
                : new AlternatingColumn(random, values, new WeightedValueColumn(random.Derive("tried"), column.Type, [.. column.Tried.Select(value => new WeightedValue(value, 1))]));
            return column.NullRatio > 0 ? new OptionalColumn(random, column.NullRatio, values) : values;
        }
        catch (FormatException exception)
        {
            throw ColumnError.At(table.Table, column, exception);
        }
    }

    private ColumnGenerator Values(
        TableGenerator table, ColumnModel column, CountedRandom random, Func<long, long?>? earliest)
    {
        if (column.IsAutoIncrement)
        {
            return new SequenceColumn(
                column.Type.WithoutSequence().Kind,
                plan.SequenceValues.TryGetValue(table.Table.Name, out var reserved) ? reserved : null);
        }

        if (column.HasRule)
        {
            return new RuleChoice(plan, table, (source, stream) => Choose(table, source, stream, earliest)).Of(column, random);
        }

        var choice = GeneratorChooser.ChooseOwn(table.Table, column);
        var context = new GeneratorContext
        {
            Plan = plan,
            Table = table,
            Column = WithinLength(column) with { IsUnique = table.Table.IsUniqueAlone(column) },
            Random = random,
            Pools = column.Locale is null ? pools : ValuePools.For(column.Locale),
            Arguments = choice.Arguments,
            Earliest = earliest,
            IsNumbered = table.Table.MayBeNumbered(column),
        };
        return choice.Kind switch
        {
            "values" => new WeightedValueColumn(random, column.Type, column.Values!),
            "pattern" => new PatternColumn(random, column.Pattern!, column.Type.Length),
            "length" => new LengthColumn(random, context.Pools.Words, column),
            "range" => context.Scaled(),
            "after" => After(context, column.After!),
            _ when column.IsListedByCheck => Listed(choice, context),
            _ when column.CheckedBy is { } regex => Matching(choice, context, regex),
            _ when context is { Column: { IsBoundByChecks: true, Type.IsText: true, Minimum: decimal and > 1 } } => LongEnough(choice, context),
            "any" when column.Element is { } element => new ArrayColumn(
                random, BinaryType.Oid(element.Type), Values(table, element, random.Derive("element"), earliest: null)),
            _ => Named(choice, context),
        };
    }

    /// <summary>What the name of a column suggests, where a CHECK matches it; else texts of the CHECK's own pattern.</summary>
    private static ColumnGenerator Matching(GeneratorChoice choice, GeneratorContext context, string regex)
    {
        var pattern = new PatternColumn(context.Random, context.Column.Pattern!, context.Column.Type.Length);
        return Suggested(choice, context, pattern, (named, otherwise) => MatchingColumn.Of(named, otherwise, regex));
    }

    /// <summary>What the name of a column suggests, where a CHECK lists it; else one of those that it lists.</summary>
    private static ColumnGenerator Listed(GeneratorChoice choice, GeneratorContext context) => Suggested(
        choice,
        context,
        new WeightedValueColumn(context.Random, context.Column.Type, context.Column.Values!),
        (named, otherwise) => MatchingColumn.OfTexts(named, otherwise, context.Column.Values!.Select(value => (string)value.Value)));

    /// <summary>What the name of a column suggests, where it has as many characters as a CHECK demands; else words that have.</summary>
    private static ColumnGenerator LongEnough(GeneratorChoice choice, GeneratorContext context)
    {
        var words = new LengthColumn(context.Random, context.Pools.Words, context.Column);
        return Suggested(choice, context, words, (named, otherwise) => MatchingColumn.OfLength(named, otherwise, (int)(decimal)context.Column.Minimum!));
    }

    /// <summary>
    /// What the name of a column suggests, as far as a CHECK allows it. Where all values must differ, it must do so by itself, and there must
    /// be enough others for any of these to differ, too.
    /// </summary>
    private static ColumnGenerator Suggested<T>(GeneratorChoice choice, GeneratorContext context, T otherwise, Func<ColumnGenerator, ColumnGenerator, ColumnGenerator> checkedBy)
        where T : ColumnGenerator, IIndexed
    {
        try
        {
            var named = Named(choice, context);
            return !context.IsNumbered && !context.Column.IsUnique ? checkedBy(named, otherwise)
                : named.IsUnique && otherwise.Count >= ManyTexts ? checkedBy(named, new AnyOfManyColumn(context.Random, otherwise))
                : otherwise;
        }
        catch (FormatException)
        {
            return otherwise; // it does not fit the column, or the texts cannot be counted
        }
    }

    /// <summary>A named generator; where only a name suggested it and its values do not fit the column, others that do.</summary>
    private static ColumnGenerator Named(GeneratorChoice choice, GeneratorContext context)
    {
        try
        {
            return GeneratorRegistry.Of(choice.Kind).Create(context);
        }
        catch (StreamingException error) when (choice.Origin == GeneratorOrigin.Inferred && error.ErrorId == ErrorIds.ColumnTooShort
            && context is { Table.Table.IsAsFound: true, Length: { } length })
        {
            return context.Pattern($"[0-9a-z]{{{length}}}");
        }
        catch (FormatException) when (choice.Origin == GeneratorOrigin.Inferred && context.Column is { Type.IsNumber: true } column && (column.Minimum ?? column.Maximum) is not null)
        {
            return context.Scaled();
        }
        catch (FormatException) when (choice.Origin == GeneratorOrigin.Inferred && context is { Column.Type.IsText: true, Length: { } length and < NarrowText })
        {
            return context.Pattern($"[0-9a-z]{{{length}}}");
        }
    }

    /// <summary>A greatest length that metadata gives is as good as one of the type.</summary>
    private static ColumnModel WithinLength(ColumnModel column) => column is { Type.IsText: true, Maximum: decimal most } && most >= 1
        ? column with { Type = column.Type with { Length = (int)Math.Min(most, column.Type.Length ?? most) } }
        : column;

    /// <summary>A time after a column of the row, or after what is known of its parent.</summary>
    private static ColumnGenerator After(GeneratorContext context, AfterModel after)
    {
        var table = context.Table;
        var followed = after.Table is null ? table.Table.IndexOf(after.Column) : -1;
        var earliest = followed < 0 ? context.Earliest : row => table.TimeAt(followed, row);
        if (after.IsStrict && earliest is { } notBefore)
        {
            var step = context.Column.Type.Kind == ColumnKind.Date ? PostgresTime.Day : 1;
            earliest = row => notBefore(row) + step;
        }

        return TimeGenerators.Time(context, earliest, EventRule.After(context, after.Within));
    }
}
