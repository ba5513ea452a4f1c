using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>
/// A table whose rows are parts of a row that sums them up, as lines are of a transaction: a whole and its parts go in one
/// transaction or not at all, or the sum would be wrong.
/// </summary>
/// <param name="Whole">Table with the sum.</param>
/// <param name="Parts">Table of what is summed up.</param>
/// <param name="Key">The key of the parts that refers to the whole.</param>
internal sealed record PartOfWhole(TableModel Whole, TableModel Parts, ForeignKeyModel Key)
{
    /// <summary>The parts of a table, or null.</summary>
    public static PartOfWhole? Of(StreamModel model, TableModel whole) =>
        SumRule.Of(model, whole).FirstOrDefault() is { } sum ? new PartOfWhole(whole, sum.Parts, sum.Key) : null;

    /// <summary>The condition under which a part belongs to a whole.</summary>
    public string JoinSql(string wholeAlias, string partAlias) => string.Join(
        " AND ",
        Key.ParentColumns.Zip(Key.Columns)
            .Select(pair => $"{wholeAlias}.{Identifier.Quote(pair.First)} = {partAlias}.{Identifier.Quote(pair.Second)}"));

    /// <summary>The condition under which a part belongs to none.</summary>
    public string HasNoWholeSql(string partAlias) =>
        $"({string.Join(" OR ", Key.Columns.Select(column => $"{partAlias}.{Identifier.Quote(column)} IS NULL"))})";
}
