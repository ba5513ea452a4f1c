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
            "pattern" => Matching(context, new PatternColumn(random, column.Pattern!, column.Type.Length)),
            "length" => new LengthColumn(random, context.Pools.Words, TextBounds.Of(column)),
            "range" => context.Scaled(),
            "after" => After(context, column.After!),
            "any" when column.Element is { } element => new ArrayColumn(
                random, BinaryType.Oid(element.Type), Values(table, element, random.Derive("element"), earliest: null)),
            _ => Named(choice, context),
        };
    }

    /// <summary>What the name of a column suggests may well be what a CHECK demands.</summary>
    private static ColumnGenerator Matching(GeneratorContext context, PatternColumn pattern)
    {
        if (context is not { IsNumbered: false, Column: { CheckedBy: { } regex, IsUnique: false } } || NameRules.Find(context.Table.Table, context.Column) is not { } rule)
        {
            return pattern;
        }

        try
        {
            return MatchingColumn.Of(Named(new GeneratorChoice(rule.Kind, GeneratorOrigin.Inferred, ""), context), pattern, regex);
        }
        catch (FormatException)
        {
            return pattern; // it does not fit the column
        }
    }

    /// <summary>A named generator; where only a name suggested it and its texts do not fit the column, a code that does.</summary>
    private static ColumnGenerator Named(GeneratorChoice choice, GeneratorContext context)
    {
        try
        {
            return GeneratorRegistry.Of(choice.Kind).Create(context);
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
