using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>
/// Columns of few values that are unique together with the reference to a parent, such as a text per language or a figure per day:
/// the rows are dealt out to the parents, so that each can be given a value that its parent does not have yet.
/// </summary>
/// <param name="Key">The foreign key to the parent.</param>
/// <param name="Columns">The other columns of the unique key.</param>
internal sealed record KeyWithinParent(ForeignKeyModel Key, IReadOnlyList<ColumnModel> Columns)
{
    // More values than this are enough for all rows together, or nobody has them listed.
    private const long MostValues = 100_000;

    // The two years up to the reference time, in which days lie of which nothing is said.
    private const long DaysOfItsOwn = 730;

    /// <summary>How many different rows a parent can have.</summary>
    public long Most => Columns.Aggregate(1L, (count, column) => (long)Int128.Min((Int128)count * CountOf(column)!.Value, long.MaxValue));

    /// <summary>True for a column whose values can be told one by one, such as those of an enum.</summary>
    public static bool HasFewValues(ColumnModel column) => CountOf(column) is > 0 and <= MostValues;

    /// <summary>The key of a table, or null.</summary>
    public static KeyWithinParent? Of(TableModel table) => table.IsSieved ? null :
        (from unique in table.UniqueSets()
         from key in table.ForeignKeys
         where !key.IsLoadedLater && key.ParentTable != table.Name && key.Columns.All(unique.Contains)
         let others = unique.Except(key.Columns).Select(table.Column).ToList()
         where others.Count > 0 && others.TrueForAll(column => CountOf(column) is > 0 && !table.Refers(column.Name))
         let within = new KeyWithinParent(key, others)
         where within.Most <= MostValues
         select within).FirstOrDefault();

    /// <summary>True when a unique key of the table is this one.</summary>
    public bool Is(IReadOnlyList<string> unique) =>
        unique.Count == Key.Columns.Count + Columns.Count && Key.Columns.Concat(Columns.Select(column => column.Name)).All(unique.Contains);

    /// <summary>What the taken values of existing parents are kept under.</summary>
    public string NameIn(TableModel table) => $"{table.Name}({string.Join(',', Key.Columns.Concat(Columns.Select(column => column.Name)))})";

    /// <summary>The error for more rows than the parents have room for.</summary>
    /// <param name="table">The table.</param>
    /// <param name="room">Rows that all the parents have room for, or that one has.</param>
    /// <param name="rows">Rows that are requested.</param>
    /// <param name="isOfOne">True when <paramref name="rows"/> are those of one parent.</param>
    public StreamingException TooMany(TableModel table, long room, long rows, bool isOfOne)
    {
        var names = string.Join(", ", Columns.Select(column => $"\"{table.Name}\".\"{column.Name}\""));
        return new StreamingException(
            ErrorIds.UniqueValuesExhausted,
            StreamingErrorKind.ResourceExhausted,
            $"{names} can have only {Most} distinct values for each row of \"{Key.ParentTable}\", {(isOfOne ? "" : $"{room} more for those that the batch may refer to, ")}"
            + (isOfOne ? $"but \"per_parent\" requests up to {rows}." : $"but {rows} were requested."),
            $"Request fewer rows, generate rows of \"{Key.ParentTable}\" too, or allow more values in the metadata.",
            $"{table.Name}.{Columns[0].Name}");
    }

    /// <summary>How many values metadata lets a column have, where these can be told one by one; else null.</summary>
    private static long? CountOf(ColumnModel column) => column switch
    {
        { Generator: not null } or { SumOf: not null } or { IsLeftToServer: true } or { IsAutoIncrement: true } or { NullRatio: > 0 } or { HasRule: true } => null,
        { Values: { } values } => values.Where(value => value.Weight > 0).Select(value => value.Value).Distinct().Count(),
        { Pattern: not null } or { After: not null } or { Distribution: not null } => null,
        { Type.Kind: ColumnKind.Boolean } => 2,
        { Type: { Kind: ColumnKind.Enum } type } => type.Labels.Count,
        { Type.Kind: ColumnKind.Date, Minimum: null, Maximum: null } => DaysOfItsOwn,
        { Maximum: { } maximum } when column.Type.IsInteger || (column.Type.Kind == ColumnKind.Date && column.Minimum is not null) =>
            Steps(ValueScale.For(column.Type)!, column.Minimum ?? 1m, maximum),
        _ => null,
    };

    private static long? Steps(ValueScale scale, object minimum, object maximum)
    {
        try
        {
            return scale.ToStep(maximum, up: false) - scale.ToStep(minimum, up: true) + 1;
        }
        catch (FormatException)
        {
            // The check of the column's rules says what is wrong with its bounds.
            return null;
        }
    }
}
