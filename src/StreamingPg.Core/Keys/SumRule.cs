using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Keys;

/// <summary>
/// A column that is the sum, over the rows that refer to its row, of the product of some of their columns: what metadata says by
/// <c>sum_of</c>, and the amounts of a shop.
/// </summary>
/// <param name="Whole">Table with the sum.</param>
/// <param name="Column">The sum.</param>
/// <param name="Parts">Table of what is summed up; its rows are dealt out to those of the whole.</param>
/// <param name="Key">The foreign key by which they are.</param>
/// <param name="Factors">Columns of a part whose product is summed up.</param>
internal sealed record SumRule(
    TableModel Whole, ColumnModel Column, TableModel Parts, ForeignKeyModel Key, IReadOnlyList<string> Factors)
{
    /// <summary>The sums of a model.</summary>
    public static IEnumerable<SumRule> Of(StreamModel model) => model.Tables.SelectMany(whole => Of(model, whole));

    /// <summary>The sums in the rows of a table.</summary>
    public static IEnumerable<SumRule> Of(StreamModel model, TableModel whole) =>
        whole.Columns.Where(column => column.SumOf is not null).Select(column => Of(model, whole, column));

    /// <summary>The sum in a column.</summary>
    public static SumRule Of(StreamModel model, TableModel whole, ColumnModel column)
    {
        var parts = model.Table(column.SumOf!.Table);
        return new SumRule(whole, column, parts, DealtKeys.Of(model, parts)!, column.SumOf.Columns);
    }

    /// <summary>The sum over parts of an alias, as the column keeps it.</summary>
    public string TotalSql(string schema, string alias)
    {
        var product = string.Join(" * ", Factors.Select(factor => $"{alias}.{Identifier.Quote(factor)}"));
        return $"COALESCE(sum({product}), 0)::{ColumnSql.TypeName(schema, Column.Type)}";
    }

    /// <summary>
    /// The sum over parts of an alias, rounded as the column keeps it, of any size: one that the column cannot hold must be found, and
    /// not end the query.
    /// </summary>
    public string ExactTotalSql(string alias)
    {
        var product = string.Join(" * ", Factors.Select(factor =>
            $"{alias}.{Identifier.Quote(factor)}{(Parts.Column(factor).Type.IsInteger ? "::numeric" : "")}"));
        var total = $"COALESCE(sum({product}), 0)";
        return Column.Type.WithoutSequence().Kind switch
        {
            ColumnKind.Real => $"{total}::real",
            ColumnKind.DoublePrecision => $"{total}::double precision",
            ColumnKind.Decimal when Column.Type.Precision is null => total,
            _ => $"round({total}::numeric, {Column.Type.Scale ?? 0})",
        };
    }
}
