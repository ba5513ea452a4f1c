using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Unique;

/// <summary>Columns that are unique together and whose values are numbered, so that each row gets a number of its own.</summary>
/// <param name="Table">The table.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Values">Their values, in the order of the columns.</param>
internal sealed record NumberedKey(TableModel Table, IReadOnlyList<ColumnModel> Columns, IReadOnlyList<IIndexed> Values)
{
    /// <summary>What the taken places are kept under.</summary>
    public string Name => $"{Table.Name}({string.Join(',', Columns.Select(column => column.Name))})";

    /// <summary>How many different rows there can be.</summary>
    public long Count => Values.Aggregate(1L, (count, values) => (long)Int128.Min((Int128)count * values.Count, IIndexed.MostValues));

    /// <summary>The numbers of the rows of a batch.</summary>
    public UniqueNumbers NumbersIn(BatchPlan plan) => new(
        CountedRandom.FromSeed(plan.Seed).Derive(plan.BatchNumber).Derive(Table.Name).Derive("unique " + Name),
        Count,
        plan.Taken.GetValueOrDefault(Name) ?? []);

    /// <summary>How many numbers the columns before one have together.</summary>
    public long DivisorOf(int column) => Values.Take(column).Aggregate(1L, (count, values) =>
        (long)Int128.Min((Int128)count * values.Count, IIndexed.MostValues));

    /// <summary>The error for more rows than there are different values.</summary>
    /// <param name="free">How many more there are.</param>
    /// <param name="rows">How many are asked for.</param>
    public StreamingException Exhausted(long free, long rows)
    {
        var names = string.Join(", ", Columns.Select(column => $"\"{Table.Name}\".\"{column.Name}\""));
        return new StreamingException(
            "UniqueValuesExhausted",
            StreamingErrorKind.ResourceExhausted,
            $"{names} can give {free} more different values{(Columns.Count > 1 ? " together" : "")}, and {rows} are asked for.",
            "Ask for fewer rows, or widen what metadata says of the values.",
            $"{Table.Name}.{Columns[0].Name}");
    }
}
