using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>Columns that are unique together and whose values are numbered, so that each row gets a number of its own.</summary>
/// <param name="Table">The table.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Values">Their values, in the order of the columns.</param>
internal sealed record NumberedKey(TableModel Table, IReadOnlyList<ColumnModel> Columns, IReadOnlyList<IIndexed> Values)
{
    /// <summary>The function, lower or upper, after which texts must still be different; null for none.</summary>
    public string? Fold { get; init; }

    /// <summary>True when the values are plain numbers by generator, not chosen from a list or a pattern.</summary>
    public bool IsCounted { get; init; }

    /// <summary>What the taken places are kept under.</summary>
    public string Name => $"{Table.Name}({string.Join(',', Columns.Select(column => column.Name))})";

    /// <summary>How many different rows there can be.</summary>
    public long Count => Values.Aggregate(1L, (count, values) => (long)Int128.Min((Int128)count * values.Count, IIndexed.MostValues));

    /// <summary>
    /// True for a column of whole numbers of which metadata says neither an upper bound nor a distribution: new rows go on after the
    /// highest number that there is.
    /// </summary>
    public bool GoesOn => IsCounted && Columns is [{ Maximum: null, Distribution: null, Type.IsWhole: true }]
        && Values[0] is ScaledColumn;

    /// <summary>The lowest number of a key that goes on.</summary>
    public long Lowest => ((ScaledColumn)Values[0]).Lowest;

    /// <summary>The highest number of a key that goes on.</summary>
    public long Highest => Lowest + Count - 1;

    /// <summary>Says which number a row of a batch has.</summary>
    public Func<long, long> NumberOf(BatchPlan plan)
    {
        if (!plan.FirstNumbers.TryGetValue(Name, out var first))
        {
            return NumbersIn(plan).At;
        }

        // The first chunk, which is committed before the others, has the last numbers: whoever looks for the highest number then goes
        // on after the whole batch.
        var ofFirstChunk = new ChunkRows(plan).Of(Table, 0).Count;
        var ofOthers = plan.RowsOf(Table.Name) - ofFirstChunk;
        var start = first - Lowest;
        return row => start + (row < ofFirstChunk ? row + ofOthers : row - ofFirstChunk);
    }

    /// <summary>The shuffled numbers of the rows of a batch.</summary>
    public UniqueNumbers NumbersIn(BatchPlan plan) => new(
        CountedRandom.FromSeed(plan.Seed).Derive(plan.BatchNumber).Derive(Table.Name).Derive("unique " + Name),
        Count,
        plan.Taken.GetValueOrDefault(Name) ?? []);

    /// <summary>How many numbers the columns before one have together.</summary>
    public long DivisorOf(int column) => Values.Take(column).Aggregate(1L, (count, values) =>
        (long)Int128.Min((Int128)count * values.Count, IIndexed.MostValues));

    /// <summary>The value that a column has for a number.</summary>
    public object Value(int column, long number)
    {
        using var block = new RowBlock(256);
        var writer = new RowWriter(block);
        Values[column].WriteIndex(writer, number / DivisorOf(column) % Values[column].Count);
        return FieldCodec.Read(Columns[column].Type, block.Buffer.AsSpan(4, writer.Position - 4));
    }

    /// <summary>The error for more rows than there are different values.</summary>
    /// <param name="free">How many more there are.</param>
    /// <param name="rows">How many are requested.</param>
    public StreamingException Exhausted(long free, long rows)
    {
        var names = string.Join(", ", Columns.Select(column => $"\"{Table.Name}\".\"{column.Name}\""));
        return new StreamingException(
            ErrorIds.UniqueValuesExhausted,
            StreamingErrorKind.ResourceExhausted,
            $"{names} can have only {free} more distinct values{(Columns.Count > 1 ? " together" : "")}{(Fold is null ? "" : $" after {Fold}()")}, but {rows} were requested.",
            Table.Distinct.Any(distinct => Columns.All(column => distinct.Columns.Contains(column.Name)))
                ? "Request fewer rows, allow more values in the metadata, or remove the columns from \"distinct\" if rows may be equal."
                : "Request fewer rows, or allow more values in the metadata.",
            $"{Table.Name}.{Columns[0].Name}");
    }
}

/// <summary>
/// Gives each row of a batch a number of its own out of all that there are, in shuffled order; those that existing rows have are
/// left out. Only these are stored.
/// </summary>
internal sealed class UniqueNumbers
{
    private readonly Permutation _order;
    private readonly long[] _freeBefore;

    /// <param name="random">Random stream of the key.</param>
    /// <param name="count">How many numbers there are.</param>
    /// <param name="taken">Places in the shuffled order whose numbers are taken, ascending.</param>
    public UniqueNumbers(CountedRandom random, long count, IReadOnlyList<long> taken)
    {
        _order = new Permutation(random, count);

        // The number of free places before each taken one.
        _freeBefore = [.. taken.Select((place, index) => place - index)];
    }

    /// <summary>The number at a place of the shuffled order, free or taken.</summary>
    public long AtPlace(long place) => _order.At(place);

    /// <summary>The number of a row.</summary>
    public long At(long row) => _order.At(row + TakenUpTo(row));

    /// <summary>How many taken places lie before the free place of a row.</summary>
    private int TakenUpTo(long row)
    {
        int low = 0, high = _freeBefore.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _freeBefore[middle] <= row ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
