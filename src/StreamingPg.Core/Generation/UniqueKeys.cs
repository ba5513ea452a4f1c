using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Keeps the columns of a table unique that its keys ask to be, unless they are so by themselves.</summary>
internal static class UniqueKeys
{
    /// <summary>Puts numbered values in the place of the columns that need them.</summary>
    /// <returns>The keys that are numbered now.</returns>
    /// <exception cref="StreamingException">There are not enough different values for the rows, or they cannot be counted.</exception>
    public static IReadOnlyList<NumberedKey> Apply(TableGenerator generator, BatchPlan plan, ChunkRows dealt)
    {
        var table = generator.Table;
        var keys = new List<NumberedKey>();
        if (plan.RowsOf(table.Name) == 0)
        {
            return keys; // its rows are there
        }

        foreach (var set in table.UniqueSets().OrderBy(set => set.Count))
        {
            if (KeyOf(generator, set) is { } key)
            {
                if (KeyWithinParent.Of(table) is { } within && within.Is(set) && within.Key == dealt.DealtKey(table))
                {
                    NumberWithinParent(generator, key, within, plan, dealt.Dealt(table));
                    continue;
                }

                var rows = plan.RowsOf(table.Name);
                var free = Count(generator, key) - (plan.Taken.GetValueOrDefault(key.Name)?.Count ?? 0);
                if (free < rows)
                {
                    if (table.IsSieved)
                    {
                        continue;
                    }

                    throw key.Exhausted(free, rows);
                }

                keys.Add(key);
                Replace(generator, key, key.NumberOf(plan), key.Columns.Count == 1);
            }
        }

        return keys;
    }

    /// <summary>The key of a unique set; null where nothing is to be numbered, or nothing can be and the server is to say which rows may stay.</summary>
    private static NumberedKey? KeyOf(TableGenerator generator, IReadOnlyList<string> set)
    {
        try
        {
            return Find(generator, set) is { } key && (!generator.Table.IsSieved || Count(generator, key) > 0) ? key : null;
        }
        catch (StreamingException) when (generator.Table.IsSieved)
        {
            return null;
        }
    }

    private static NumberedKey? Find(TableGenerator generator, IReadOnlyList<string> set)
    {
        var table = generator.Table;
        var places = set.Select(name => table.IndexOf(name)).ToList();
        if (places.Exists(place => Values(generator, place) is { IsUnique: true } or RowNumberColumn || table.Columns[place].IsLeftToServer)
            || set.All(name => table.Refers(name))
            || (!table.IsSieved && UniqueKeySet.KeptByParents(table, set) is not null))
        {
            return null;
        }

        // The values of a parent are whatever they are: the others alone tell the rows apart.
        var own = places.Where(place => !table.Refers(table.Columns[place].Name) && Values(generator, place) is IIndexed).ToList();
        if (own.Count > 0)
        {
            var fold = table.FoldOf(set);
            return new NumberedKey(
                table,
                [.. own.Select(place => table.Columns[place])],
                [.. own.Select(place => Widened(generator, place) ?? (fold is null ? (IIndexed)Values(generator, place) : Folded(generator, place)))])
            {
                Fold = fold,
                IsCounted = own is [var only] && GeneratorChooser.ChooseOwn(table, table.Columns[only]).Kind == "number",
            };
        }

        // A time of a microsecond, or a sentence, beside a parent is hardly ever the same twice.
        return set.Any(name => table.Refers(name)) ? null : throw ColumnError.At(
            table,
            table.Columns[places[0]],
            new FormatException("they must be unique, but its generator cannot count its distinct values"));
    }

    /// <summary>The texts of a pool that a name suggested are few: beside each come numbered ones. Null for all other values.</summary>
    private static NumberedText? Widened(TableGenerator generator, int place)
    {
        var column = generator.Table.Columns[place];
        return Values(generator, place) is PooledTextColumn pooled && column is { Type.IsText: true, Values: null, Generator: null }
            && GeneratorChooser.ChooseOwn(generator.Table, column).Origin == GeneratorOrigin.Inferred
            ? NumberedText.Of(pooled.Texts, column.Type.Length)
            : null;
    }

    private static IIndexed Folded(TableGenerator generator, int place)
    {
        try
        {
            return FoldedValues.Of(generator.Table.Columns[place].Type, (IIndexed)Values(generator, place));
        }
        catch (FormatException exception)
        {
            throw ColumnError.At(generator.Table, generator.Table.Columns[place], exception);
        }
    }

    private static long Count(TableGenerator generator, NumberedKey key)
    {
        try
        {
            return key.Count;
        }
        catch (FormatException exception)
        {
            throw ColumnError.At(generator.Table, key.Columns[0], exception);
        }
    }

    /// <summary>The rows of a parent get values of their own; without any parent there are no rows either.</summary>
    private static void NumberWithinParent(
        TableGenerator generator, NumberedKey key, KeyWithinParent within, BatchPlan plan, Partition? partition)
    {
        if (Count(generator, key) < within.Most)
        {
            throw ColumnError.At(generator.Table, key.Columns[0], new FormatException("they must be unique, but some of its values are equal"));
        }

        generator.KeyWithinParent = key;
        if (partition is not null)
        {
            // Lines are counted from the first on; a figure per day may begin on any day.
            var start = key.Columns.All(column => column.Type.IsInteger)
                ? (CountedRandom?)null
                : ChunkRows.RandomOf(plan, generator.Table, within.Key).Derive("start");
            var taken = plan.Taken.GetValueOrDefault(within.NameIn(generator.Table)) ?? [];
            Replace(generator, key, new NumbersWithinParent(partition, within.Most, taken, start).At, isAlone: false);
        }
    }

    private static void Replace(TableGenerator generator, NumberedKey key, Func<long, long> numberOf, bool isAlone)
    {
        for (var index = 0; index < key.Columns.Count; index++)
        {
            var place = generator.Table.IndexOf(key.Columns[index].Name);
            var unique = new UniqueColumn(key.Values[index], numberOf, key.DivisorOf(index), isAlone);
            generator.Columns[place] = generator.Columns[place] is OptionalColumn optional ? optional.With(unique) : unique;
        }
    }

    private static ColumnGenerator Values(TableGenerator generator, int place) =>
        generator.Columns[place] is OptionalColumn optional ? optional.Values : generator.Columns[place];
}

/// <summary>Values that no two rows share, or a column of several that no two rows share together.</summary>
/// <param name="values">The values, numbered.</param>
/// <param name="numberOf">Which number a row has; that of several columns is made up of one for each.</param>
/// <param name="divisor">How many numbers the columns before this one have together.</param>
/// <param name="isAlone">True when the column is unique by itself.</param>
internal sealed class UniqueColumn(IIndexed values, Func<long, long> numberOf, long divisor, bool isAlone) : ColumnGenerator
{
    private readonly long _count = values.Count;

    public override bool IsUnique => isAlone;

    public override void Write(RowWriter writer, long row) => values.WriteIndex(writer, numberOf(row) / divisor % _count, row);
}

/// <summary>Gives each row a number that no other row of its parent has: one after the other, those that are taken left out.</summary>
/// <param name="partition">How the rows are dealt out to their parents.</param>
/// <param name="count">How many numbers there are for each parent.</param>
/// <param name="taken">Numbers that existing rows have, parent times <paramref name="count"/> plus number, ascending.</param>
/// <param name="start">Random stream of where a parent begins; null to begin with the first number.</param>
internal sealed class NumbersWithinParent(Partition partition, long count, IReadOnlyList<long> taken, CountedRandom? start)
{
    /// <summary>The number of a row.</summary>
    public long At(long row)
    {
        var parent = partition.ParentOf(row);
        var own = parent * count;
        var from = PlaceOf(own);
        var free = count - (PlaceOf(own + count) - from);
        var place = row - partition.ChildrenOf(parent).From + (start?.Below(parent, free) ?? 0);
        return SkipTaken(place % free, own, from);
    }

    /// <summary>How many taken numbers come before one.</summary>
    private int PlaceOf(long number)
    {
        var (low, high) = (0, taken.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = taken[middle] < number ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private long SkipTaken(long free, long own, int from)
    {
        for (var index = from; index < taken.Count && taken[index] - own <= free; index++)
        {
            free++;
        }

        return free;
    }
}
