using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>
/// Recognizes line items by the names of their columns, as the generators of columns are: a table with product_name, quantity and
/// unit_price whose parent has an amount. Where the metadata says nothing else, the amount is the sum over the lines, and a line
/// follows its parent within minutes.
/// </summary>
internal static class LineItems
{
    public const string Quantity = "quantity";
    public const string UnitPrice = "unit_price";
    public const string Amount = "amount";
    private const string Product = "product_name";
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    /// <summary>The model with what the names of its first table of line items suggest.</summary>
    public static StreamModel Apply(StreamModel model)
    {
        foreach (var lines in model.Tables.Where(IsLines))
        {
            if (lines.ForeignKeys.FirstOrDefault(key => key.ParentTable != lines.Name && IsMoney(model.Table(key.ParentTable), Amount)) is { } key)
            {
                return key.IsLoadedLater ? model : WithTime(WithSum(model, lines, key), lines, key);
            }
        }

        return model;
    }

    private static StreamModel WithSum(StreamModel model, TableModel lines, ForeignKeyModel key)
    {
        var parent = model.Table(key.ParentTable);
        var amount = parent.Column(Amount);
        if (!IsOpen(amount) || amount.IsPrimaryKey || amount.IsUnique || amount.NullRatio > 0 || !IsFactor(lines, Quantity) || !IsFactor(lines, UnitPrice))
        {
            return model;
        }

        var summed = model.With(parent.With(amount with
        {
            Minimum = null,
            Maximum = null,
            SumOf = new SumModel(lines.Name, [Quantity, UnitPrice]) { IsOfOneIfNone = true, IsInferred = true },
        }));
        return DealtKeys.Of(summed, lines)?.ParentTable == parent.Name ? summed : model;
    }

    private static StreamModel WithTime(StreamModel model, TableModel lines, ForeignKeyModel key)
    {
        var time = RowTimestamp.FirstOf(lines);
        var parentTime = RowTimestamp.Of(model.Table(key.ParentTable));
        return time is { Minimum: null, Maximum: null, IsUnique: false } && IsOpen(time) && parentTime is not null
            && GeneratorChooser.ChooseOwn(lines, time).Kind == "time.event"
                ? model.With(lines.With(time with { After = new AfterModel(key.ParentTable, parentTime.Name, Within) { IsInferred = true } }))
                : model;
    }

    /// <summary>True when the metadata does not say where the values come from.</summary>
    private static bool IsOpen(ColumnModel column) => column is
    {
        Generator: null, Values: null, Pattern: null, Distribution: null, After: null, EqualsParent: null, SumOf: null, IsLeftToServer: false, HasRule: false
    };

    private static bool IsFactor(TableModel lines, string column) =>
        lines.Column(column) is { EqualsParent: null, SumOf: null, IsLeftToServer: false, IsAutoIncrement: false, HasRule: false } factor
        && !lines.IsUniqueAlone(factor) && !lines.ForeignKeys.Any(key => key.Columns.Contains(column));

    private static bool IsLines(TableModel table) =>
        Is(table, Product, ColumnKind.VarChar) && Is(table, Quantity, ColumnKind.Integer) && IsMoney(table, UnitPrice);

    private static bool Is(TableModel table, string column, ColumnKind kind) => table.HasColumn(column) && table.Column(column).Type.Kind == kind;

    // Prices have hundredths: a column that would round them could not hold the sum.
    private static bool IsMoney(TableModel table, string column) =>
        Is(table, column, ColumnKind.Decimal) && table.Column(column).Type is var type && (type.Scale ?? (type.Precision is null ? 2 : 0)) >= 2;
}
